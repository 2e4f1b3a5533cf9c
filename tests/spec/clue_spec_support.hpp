// The RFCs' own examples and schemas, for tests that compare us with them.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "support/paths.hpp"

namespace clued::clue::testing {

inline std::filesystem::path spec_data() { return std::filesystem::path(clued::testing::spec_dir()) / "data"; }

inline bool has_spec_data() { return std::filesystem::is_directory(spec_data()); }

/// A file below the folder of specifications; empty when it cannot be read.
inline std::string spec_file(const std::string& name) {
  std::ifstream stream(spec_data() / name, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// The files of that folder whose names begin and end so, sorted, as names for spec_file().
inline std::vector<std::string> spec_files(const std::string& folder, std::string_view begin, std::string_view end) {
  std::vector<std::string> names;
  if (!std::filesystem::is_directory(spec_data() / folder)) return names;
  for (const auto& entry : std::filesystem::directory_iterator(spec_data() / folder)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with(begin) && name.ends_with(end))
      names.push_back((std::filesystem::path(folder) / name).string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// An example of RFC 8846, which is a <clueInfo> document, made into the advertisement with the same content.
inline std::string advertisement_of_clue_info(std::string text) {
  const auto open = text.find("<clueInfo");
  const auto close = text.rfind("</clueInfo>");
  if (open == text.npos || close == text.npos) return {};
  text.replace(close, std::string_view("</clueInfo>").size(), "</p:advertisement>");
  const auto end = text.find('>', open);
  text.insert(end + 1, "<p:sequenceNr>1</p:sequenceNr>");
  text.insert(end, R"( xmlns:p="urn:ietf:params:xml:ns:clue-protocol" protocol="CLUE" v="1.0")");
  return text.replace(open, std::string_view("<clueInfo").size(), "<p:advertisement");
}

/// Checks documents against a schema with xmllint, all in one run.
class SchemaCheck {
 public:
  explicit SchemaCheck(std::filesystem::path schema) : schema_(std::move(schema)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "clued-spec-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) folder_ = pattern;
  }
  SchemaCheck(const SchemaCheck&) = delete;
  SchemaCheck& operator=(const SchemaCheck&) = delete;
  ~SchemaCheck() {
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  }

  static bool is_possible() { return std::system("xmllint --version >/dev/null 2>&1") == 0; }

  void add(const std::string& name, std::string_view document) {
    std::ofstream(folder_ / (std::to_string(count_++) + "-" + name + ".xml"), std::ios::binary) << document;
  }

  std::size_t count() const { return count_; }

  /// Empty when every document is valid, else what xmllint says.
  std::string complaints() const {
    const std::string command =
        "xmllint --nonet --noout --schema '" + schema_.string() + "' '" + folder_.string() + "'/*.xml 2>&1";
    std::FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "xmllint could not be started";
    std::string output;
    char buffer[4096];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) {
      const std::string_view line = buffer;
      if (!line.ends_with(" validates\n")) output += line;
    }
    if (pclose(pipe) != 0 && output.empty()) output = "xmllint failed";
    return output;
  }

 private:
  std::filesystem::path schema_;
  std::filesystem::path folder_;
  std::size_t count_ = 0;
};

}  // namespace clued::clue::testing
