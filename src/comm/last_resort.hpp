#pragma once

#include <chrono>
#include <string>

namespace deepfog {

/// Ends this process after `limit`, whatever it waits for: MPI_Init, MPI_Finalize and collective calls wait
/// for every rank, even for one that has died. Among the ranks that end this way on one host, one writes
/// `line` to standard error (empty: none does). Uses SIGALRM, so it works inside the library's own loops.
/// There is one limit at a time; a new one replaces it. Throws Failure.
void end_process_in(std::chrono::microseconds limit, const std::string& line, int code);

/// Cancels the limit.
void end_process_no_longer();

}  // namespace deepfog
