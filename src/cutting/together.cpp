#include "cutting/together.hpp"

#include "core/codec.hpp"
#include "core/error.hpp"
#include "training/trainer.hpp"

namespace deepfog {
namespace {

/// A rank may train for hours while another has nothing left to do.
Deadline timeouts() {
  return Deadline::in(std::chrono::hours(48));
}

/// First letter: U user error, F failure, I interrupted; empty: all is well.
std::string problem_of(const std::function<void()>& part) {
  try {
    part();
  } catch (const Interrupted&) {
    return "I";
  } catch (const UserError& error) {
    return std::string("U") + error.what();
  } catch (const std::exception& error) {
    return std::string("F") + error.what();
  }
  return "";
}

/// A UserError that has its text already.
class Told : public UserError {
 public:
  explicit Told(const std::string& text) : UserError(text.substr(0, text.find(": ")), rest(text)) {}

 private:
  static std::string rest(const std::string& text) {
    const auto colon = text.find(": ");
    return colon == std::string::npos ? "" : text.substr(colon + 2);
  }
};

}  // namespace

void part_together(const Communicator& world, const std::function<void()>& part) {
  const std::string mine = problem_of(part);
  std::string first;
  for (const std::string& one : gather(world, mine, 0, timeouts())) {
    if (first.empty()) first = one;
  }
  first = broadcast(world, first, 0, timeouts());
  if (first.empty()) return;
  if (first.front() == 'I') throw Interrupted();
  if (first.front() == 'U') throw Told(first.substr(1));
  throw Failure(first.substr(1));
}

std::vector<std::vector<char>> all_bytes(const Communicator& world, const std::vector<char>& bytes) {
  Encoder all;
  for (const std::string& text : gather(world, std::string(bytes.begin(), bytes.end()), 0, timeouts()))
    all.put_text(text);
  const std::vector<char> packed = all.take();
  const std::string text = broadcast(world, std::string(packed.begin(), packed.end()), 0, timeouts());
  const std::vector<char> received(text.begin(), text.end());
  Decoder decoder(received, "exchange between ranks");
  std::vector<std::vector<char>> parts;
  for (int rank = 0; rank < world.size(); ++rank) {
    const std::string part = decoder.get_text();
    parts.emplace_back(part.begin(), part.end());
  }
  decoder.finish();
  return parts;
}

}  // namespace deepfog
