#include "comm/rank_error.hpp"

#include <vector>

#include "core/codec.hpp"

namespace deepfog {
namespace {

/// A UserError whose text was composed on another rank.
class ReceivedUserError : public UserError {
 public:
  explicit ReceivedUserError(std::string text) : UserError("", ""), text_(std::move(text)) {}
  const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

std::string encode(const std::optional<RankError>& error, const std::string& text = "") {
  Encoder to;
  to.put(error.has_value());
  if (error) {
    to.put(static_cast<std::uint8_t>(error->kind));
    to.put(static_cast<std::int32_t>(error->rank));
    to.put_text(error->text);
  }
  to.put_text(text);
  const std::vector<char> bytes = to.take();
  return {bytes.begin(), bytes.end()};
}

/// @param text  receives what was sent with the error
std::optional<RankError> decode(const std::string& message, std::string* text = nullptr) {
  const std::vector<char> bytes(message.begin(), message.end());
  Decoder from(bytes, "the error of a rank");
  std::optional<RankError> error;
  if (from.get<bool>()) {
    error.emplace();
    const auto kind = from.get<std::uint8_t>();
    if (kind > static_cast<std::uint8_t>(RankError::Kind::failure)) from.refuse("unknown kind");
    error->kind = static_cast<RankError::Kind>(kind);
    error->rank = from.get<std::int32_t>();
    error->text = from.get_text();
  }
  const std::string beside = from.get_text();
  from.finish();
  if (text != nullptr) *text = beside;
  return error;
}

}  // namespace

void RankError::raise() const {
  if (kind == Kind::user) throw ReceivedUserError(text);
  throw Failure(text);
}

std::optional<RankError> error_of(const Communicator& communicator, const std::function<void()>& part) {
  try {
    part();
  } catch (const UserError& error) {
    return RankError{RankError::Kind::user, communicator.rank(), error.what()};
  } catch (const std::exception& error) {
    return RankError{RankError::Kind::failure, communicator.rank(), error.what()};
  }
  return std::nullopt;
}

std::optional<RankError> first_error(const Communicator& communicator, const std::optional<RankError>& own,
                                     const Deadline& deadline) {
  std::optional<RankError> first;
  for (const std::string& one : gather(communicator, encode(own), 0, deadline)) {
    if (!first) first = decode(one);
  }
  return decode(broadcast(communicator, encode(first), 0, deadline));
}

std::string agree(const Communicator& communicator, const std::function<std::string()>& on_root, int root,
                  const Deadline& deadline) {
  std::string message, text;
  const bool is_root = communicator.rank() == root;
  if (is_root) {
    const auto error = error_of(communicator, [&] { text = on_root(); });
    message = encode(error, error ? "" : text);
  }
  // The root's work may have taken longer than the others' deadline; it still tells them.
  message = broadcast(communicator, message, root, is_root ? collective_deadline() : deadline);
  if (const auto error = decode(message, &text)) error->raise();
  return text;
}

}  // namespace deepfog
