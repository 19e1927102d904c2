#pragma once

#include <string>
#include <vector>

namespace deepfog {

/// Replaces a secret in records.
inline const std::string kMasked = "(masked)";

/// Whether a variable, option or header of this name holds a secret: a token, password, key, credential,
/// webhook and so on.
bool names_secret(const std::string& name);

/// The text in a form that may be stored in a published file. Masks the user part of addresses, what follows
/// a name for which names_secret() holds ("NAME=", "?token=", "Authorization: Bearer"), and words in the form
/// of well-known tokens. What follows such a name is masked up to the end of the text.
std::string without_secrets(const std::string& text);

/// The same for a command line, whose words are joined by blanks. The word after an option may be a secret,
/// too.
std::string without_secrets(const std::vector<std::string>& command_line);

}  // namespace deepfog
