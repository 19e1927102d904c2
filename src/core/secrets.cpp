#include "core/secrets.hpp"

#include <algorithm>
#include <cctype>

namespace deepfog {
namespace {

constexpr std::size_t npos = std::string::npos;
constexpr std::size_t shortest_token = 20;

std::string upper_case(std::string text) {
  for (char& letter : text) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-' ||
         letter == '.';
}

bool is_hex(const std::string& text, std::size_t begin, std::size_t count) {
  return text.size() >= begin + count &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin),
                     text.begin() + static_cast<std::ptrdiff_t>(begin + count),
                     [](unsigned char letter) { return std::isxdigit(letter) != 0; });
}

bool begins(const std::string& text, const std::string& beginning) {
  return text.compare(0, beginning.size(), beginning) == 0;
}

/// Whether a word has the form of a token that services issue, or of the key shared by Open MPI's ranks.
bool is_token(const std::string& word) {
  static const char* const beginnings[] = {"ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-",
                                           "xox",  "sk-",  "sk_",  "rk_",  "hf_",  "npm_",        "pypi-",
                                           "AKIA", "ASIA", "AIza", "eyJ",  "SG.",  "dop_v1_"};
  if (word.size() == 33 && word[16] == '-' && is_hex(word, 0, 16) && is_hex(word, 17, 16)) return true;
  return word.size() >= shortest_token &&
         std::any_of(std::begin(beginnings), std::end(beginnings),
                     [&](const char* beginning) { return begins(word, beginning); });
}

/// Whether the text from `at` on begins with the scheme of a header's credentials.
bool begins_credentials(const std::string& upper, std::size_t at) {
  return upper.compare(at, 7, "BEARER ") == 0;
}

/// Position after the first name of a secret; npos: there is none.
std::size_t first_secret(const std::string& text) {
  const std::string upper = upper_case(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins_credentials(upper, at) && (at == 0 || !is_word(text[at - 1]))) return at + 7;
    if (text[at] != '=' && text[at] != ':') continue;
    std::size_t end = at;
    while (end > 0 && (text[end - 1] == '"' || text[end - 1] == '\'')) --end;
    std::size_t begin = end;
    while (begin > 0 && is_word(text[begin - 1])) --begin;
    if (!names_secret(text.substr(begin, end - begin))) continue;
    const std::size_t value = text.find_first_not_of(" \t\"'", at + 1);
    if (value != npos) return value;
  }
  for (const char* mark : {"PRIVATE KEY-----", "://HOOKS.", "/WEBHOOK"}) {
    const std::size_t at = upper.find(mark);
    if (at != npos) return at;
  }
  return npos;
}

/// Masks the part before the @ in "https://user:password@host" and "user:password@host".
std::string without_users(const std::string& text) {
  std::string result;
  std::size_t done = 0;
  while (done < text.size()) {
    const std::size_t end = std::min(text.find_first_of(" \t\n\"'", done), text.size());
    const std::string word = text.substr(done, end - done);
    const std::size_t scheme = word.find("://"), last = word.rfind('@');
    const std::size_t user = scheme == npos ? 0 : scheme + 3;
    const std::size_t path = std::min(word.find_first_of("/?#", user), word.size());
    const bool in_host = last != npos && last > user && last < path;
    const bool before_path = word.find(':', user) < std::min(path, last);  // a password may contain a slash
    if (last != npos && last > user &&
        ((scheme != npos && (in_host || before_path)) || (in_host && before_path))) {
      result += word.substr(0, user) + kMasked + word.substr(last);
    } else {
      result += word;
    }
    if (end < text.size()) result += text[end];
    done = end + 1;
  }
  return result;
}

std::string without_tokens(const std::string& text) {
  std::string result;
  for (std::size_t done = 0; done < text.size();) {
    std::size_t end = done;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string word = text.substr(done, end - done);
    result += is_token(word) ? kMasked : word;
    if (end < text.size()) result += text[end];
    done = end + 1;
  }
  return result;
}

}  // namespace

bool names_secret(const std::string& name) {
  static const char* const anywhere[] = {
      "TOKEN",  "SECRET",    "PASSW",   "PASSPHRASE", "CRED",
      "APIKEY", "COOKIE",    "JWT",     "PRIVATE",    "SIGNATURE",
      "BEARER", "ACCESSKEY", "WEBHOOK", "AUTHORIZ",   "PRECONDITION_TRANSPORTS"};
  static const char* const parts[] = {"PASS", "PWD", "PSK", "KEY", "SIG", "SAS", "AUTH", "OTP", "PIN"};
  static const char* const ends[] = {"PASS", "PWD", "PSK", "KEY"};
  const std::string upper = upper_case(name);
  for (const char* word : anywhere) {
    if (upper.find(word) != npos) return true;
  }
  for (const std::string word : ends) {
    if (upper.size() > word.size() && upper.compare(upper.size() - word.size(), npos, word) == 0) return true;
  }
  for (std::size_t done = 0; done <= upper.size();) {
    const std::size_t end = std::min(upper.find_first_of("_-.", done), upper.size());
    const std::string part = upper.substr(done, end - done);
    if (std::find(std::begin(parts), std::end(parts), part) != std::end(parts)) return true;
    done = end + 1;
  }
  return false;
}

std::string without_secrets(const std::string& text) {
  const std::size_t secret = first_secret(text);
  const std::string known = without_tokens(without_users(text.substr(0, secret)));
  return secret == npos ? known : known + kMasked;
}

std::string without_secrets(const std::vector<std::string>& command_line) {
  std::string text;
  bool secret = false;  // the option before names a secret
  for (const std::string& word : command_line) {
    const bool option = !word.empty() && word[0] == '-';
    text += (text.empty() ? "" : " ") + (secret && !option ? kMasked : without_secrets(word));
    const bool ends_name = option ? word.find('=') == npos : !word.empty() && word.back() == ':';
    secret = (ends_name && names_secret(word.substr(0, word.find_last_not_of(':') + 1))) ||
             upper_case(word) == "BEARER" || (secret && upper_case(word) == "BASIC");
  }
  return text;
}

}  // namespace deepfog
