// Log records as values: what is said, without saying how or where it is written (app/ does that).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
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

/// Whom a record is about: the ids by which one grep tells a participant's story.
struct Subject {
  std::string conference;
  std::string participant;
  std::string call_id;

  /// Puts the ids before the record's own fields.
  void name_in(Record& record) const {
    record.fields.insert(record.fields.begin(),
                         {{"conference", conference}, {"participant", participant}, {"call_id", call_id}});
  }
};

/// Shared by what belongs to one participant: a channel and its ports outlive the participant by a moment, and their
/// last records are about it too. Null: nobody's.
using SharedSubject = std::shared_ptr<const Subject>;

/// How an adapter hands its records to whoever writes them.
class RecordSink {
 public:
  using Write = std::function<void(Record)>;
  using Wants = std::function<bool(Severity)>;

  RecordSink() = default;
  template <class Writer>
  requires(std::is_invocable_v<Writer&, Record> && !std::is_same_v<std::remove_cvref_t<Writer>, RecordSink>)
      RecordSink(Writer write, Wants wants = nullptr)
      : write_(std::move(write)), wants_(std::move(wants)) {}

  void operator()(Record record) const {
    if (write_) write_(std::move(record));
  }
  /// The same about somebody.
  void operator()(const SharedSubject& subject, Record record) const {
    if (subject) subject->name_in(record);
    (*this)(std::move(record));
  }
  /// Whether a record of that severity would be written: asked before one is made that is expensive, like a whole
  /// message.
  bool wants(Severity severity) const { return write_ && (wants_ ? wants_(severity) : severity > Severity::trace); }
  explicit operator bool() const noexcept { return static_cast<bool>(write_); }

 private:
  Write write_;
  Wants wants_;
};

}  // namespace clued::base
