#include "app/config_document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <vector>

namespace clued::app {

namespace {

/// A file this long is not one that an operator wrote.
constexpr std::size_t max_file_bytes = 1024 * 1024;
/// Values that a document has once its aliases are followed. An alias of a list of aliases makes many out of few bytes.
constexpr std::size_t max_values = 200'000;
/// Deeper than any key of ours, and the end of an alias that leads to itself.
constexpr unsigned max_depth = 16;

base::unexpected<ConfigError> refuse(std::size_t line, std::string reason) {
  return base::unexpected(ConfigError{line, "", std::move(reason)});
}

/// A byte that no text has; the parser takes one of them (0x04) for the end of the file and would leave out the rest.
bool is_binary(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

bool is_bounded(const YAML::Node& node, unsigned depth, std::size_t& left) {
  if (depth == 0 || left == 0) return false;
  --left;
  if (node.IsSequence()) {
    return std::all_of(node.begin(), node.end(), [&](const auto& one) { return is_bounded(one, depth - 1, left); });
  }
  if (!node.IsMap()) return true;
  return std::all_of(node.begin(), node.end(), [&](const auto& entry) {
    return is_bounded(entry.first, depth - 1, left) && is_bounded(entry.second, depth - 1, left);
  });
}

}  // namespace

base::expected<YAML::Node, ConfigError> parse_document(const std::string& text) {
  if (const auto binary = std::find_if(text.begin(), text.end(), is_binary); binary != text.end()) {
    return refuse(static_cast<std::size_t>(std::count(text.begin(), binary, '\n')) + 1,
                  "is no text: it has a control character");
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return YAML::Node(YAML::NodeType::Null);
    // What is in the second one would be without effect, which its author cannot have meant.
    if (documents.size() > 1) {
      const YAML::Mark mark = documents[1].Mark();
      return refuse(mark.is_null() ? 0 : static_cast<std::size_t>(mark.line) + 1, "has more than one YAML document");
    }
    std::size_t left = max_values;
    if (!is_bounded(documents[0], max_depth, left))
      return refuse(0, "is nested too deeply or repeats too much by aliases");
    return documents[0];
  } catch (const YAML::Exception& error) {
    return refuse(error.mark.is_null() ? 0 : static_cast<std::size_t>(error.mark.line) + 1,
                  "is not YAML: " + error.msg);
  }
}

base::expected<std::string, std::string> read_text(const std::string& file) {
  const auto refuse_file = [](const char* what) {
    return base::unexpected(std::string(what) + ": " + std::strerror(errno));
  };
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return refuse_file("cannot be opened");
  std::string text(max_file_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return refuse_file("cannot be read");
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > max_file_bytes) return base::unexpected(std::string("is longer than 1 MiB"));
  return text;
}

}  // namespace clued::app
