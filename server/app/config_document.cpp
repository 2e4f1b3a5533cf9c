#include "app/config_document.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace clued::app {

namespace {

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

/// The line of the part at the top that is too much; 0 when there is none.
std::size_t unbounded_line(const YAML::Node& document) {
  std::size_t left = max_values;
  if (!document.IsMap()) return is_bounded(document, max_depth, left) ? 0 : line_of(document);
  for (const auto& entry : document) {
    if (!is_bounded(entry.first, max_depth - 1, left) || !is_bounded(entry.second, max_depth - 1, left)) {
      return line_of(entry.first);
    }
  }
  return 0;
}

}  // namespace

std::size_t line_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? 0 : static_cast<std::size_t>(mark.line) + 1;
}

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
      return refuse(line_of(documents[1]), "has more than one YAML document");
    }
    if (const std::size_t line = unbounded_line(documents[0]); line != 0) {
      return refuse(line, "is nested too deeply or repeats too much by aliases");
    }
    return documents[0];
  } catch (const YAML::Exception& error) {
    return refuse(error.mark.is_null() ? 0 : static_cast<std::size_t>(error.mark.line) + 1,
                  "is not YAML: " + error.msg);
  }
}

}  // namespace clued::app
