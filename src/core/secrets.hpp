#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// What stands for a secret in records.
inline const std::string kMasked = "(masked)";

/// Whether something of this name (a variable, an option, a header) is kept secret: a token, password, key,
/// credential, webhook and so on.
bool names_secret(const std::string& name);

/// The text as it may be stored in a file that is passed on: the user part of addresses, what stands behind a
/// name that names_secret() knows ("NAME=", "?token=", "Authorization: Bearer"), and words that have the form
/// of well-known tokens, are masked. What stands behind such a name is masked to the end of the text.
std::string without_secrets(const std::string& text);

/// The same for a command line, its words joined by blanks. A secret may be the word after its option.
std::string without_secrets(const std::vector<std::string>& command_line);

}  // namespace deepfog
