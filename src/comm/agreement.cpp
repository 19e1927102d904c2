#include "comm/agreement.hpp"

#include "core/error.hpp"

namespace deepfog {
namespace {

// First letter of the broadcast text: what happened on the root.
constexpr char went_well = '+', user_error = 'u', failure = 'f';

std::string attempt(const std::function<std::string()>& on_root) {
  try {
    return went_well + on_root();
  } catch (const UserError& error) {
    return user_error + std::string(error.what());
  } catch (const std::exception& error) {
    return failure + std::string(error.what());
  }
}

[[noreturn]] void throw_user_error(const std::string& line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string::npos) throw UserError("input", line);
  throw UserError(line.substr(0, colon), line.substr(colon + 2));
}

}  // namespace

std::string agree(const Communicator& communicator, const std::function<std::string()>& on_root, int root,
                  const Deadline& deadline) {
  std::string verdict;
  if (communicator.rank() == root) verdict = attempt(on_root);
  // The root's work may have outlasted the deadline the others hold; it still tells them.
  const Deadline timeout = communicator.rank() == root ? collective_deadline() : deadline;
  verdict = broadcast(communicator, verdict, root, timeout);
  if (verdict.empty()) throw Failure("rank " + std::to_string(root) + " sent no verdict");
  const std::string text = verdict.substr(1);
  if (verdict[0] == user_error) throw_user_error(text);
  if (verdict[0] != went_well) throw Failure(text);
  return text;
}

}  // namespace deepfog
