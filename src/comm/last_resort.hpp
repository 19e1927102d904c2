#pragma once

#include <chrono>
#include <string>

namespace deepfog {

/// Ends this process after `limit`, whatever it waits in: MPI_Init, MPI_Finalize and collective calls wait
/// for every rank, for one that has died for ever. Of the ranks that end so on one host, one writes `line` to
/// standard error (empty: none does). Works by SIGALRM, so also inside a library's own loops; one limit at a
/// time, a new one replaces it. Throws Failure.
void end_process_in(std::chrono::microseconds limit, const std::string& line, int code);

/// Takes the limit back.
void end_process_no_longer();

}  // namespace deepfog
