// Log records as values: what is said, without saying how or where it is written (app/ does that).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/ids.hpp"

namespace clued::base {

enum class Severity { trace, debug, info, warning, error, critical };

/// One kind of record. Declared once per name, `constexpr`, in the `records.hpp` of the folder that decides; the
/// operator's table (config/log-records.md) explains each, and a test compares the two.
struct RecordKind {
  std::string_view name;  ///< `noun.past_participle`, never changes
  Severity severity;
};

/// A value that names a person: shown in full at debug, shortened at info (RFC 3323's users would want it so).
struct Identity {
  std::string text;
};

struct Field {
  std::string_view key;
  std::variant<std::uint64_t, std::int64_t, std::string, Identity> value;

  Field(std::string_view k, std::string v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::string_view v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string(v)) {}
  Field(std::string_view k, Identity v) : key(k), value(std::move(v)) {}
  Field(std::string_view k, std::uint64_t v) : key(k), value(v) {}
  Field(std::string_view k, std::int64_t v) : key(k), value(v) {}
  Field(std::string_view k, int v) : key(k), value(std::int64_t{v}) {}
  Field(std::string_view k, unsigned v) : key(k), value(std::uint64_t{v}) {}
  Field(std::string_view k, bool v) : key(k), value(std::string(v ? "yes" : "no")) {}
  template <class Tag>
  Field(std::string_view k, Id<Tag> v) : key(k), value(v.value()) {}
};

struct Record {
  const RecordKind* kind = nullptr;
  std::vector<Field> fields;
};

/// How an adapter hands its records to whoever writes them.
using RecordSink = std::function<void(Record)>;

}  // namespace clued::base
