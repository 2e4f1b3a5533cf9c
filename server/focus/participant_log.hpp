#pragma once

#include <initializer_list>
#include <string>

#include "base/record.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// Writes records that carry the ids by which one grep tells a participant's story.
class ParticipantLog {
 public:
  ParticipantLog(std::string conference, std::string participant, std::string call_id)
      : conference_(std::move(conference)), participant_(std::move(participant)), call_id_(std::move(call_id)) {}

  void write(const Turn& turn, const base::RecordKind& kind, std::initializer_list<base::Field> fields = {}) const {
    base::Record record{&kind, {}};
    record.fields.reserve(fields.size() + 4);
    record.fields.emplace_back("conference", conference_);
    record.fields.emplace_back("participant", participant_);
    record.fields.emplace_back("call_id", call_id_);
    if (operation_) record.fields.emplace_back("op", operation_);
    record.fields.insert(record.fields.end(), fields.begin(), fields.end());
    turn.emit(command::Log{std::move(record)});
  }

  /// The removal that this participant is going through or is being refreshed after; 0: none.
  void set_operation(base::OperationId operation) { operation_ = operation; }
  /// Another INVITE of the same call.
  void set_call_id(std::string call_id) { call_id_ = std::move(call_id); }
  base::OperationId operation() const noexcept { return operation_; }
  const std::string& participant() const noexcept { return participant_; }
  const std::string& call_id() const noexcept { return call_id_; }

 private:
  std::string conference_;
  std::string participant_;
  std::string call_id_;
  base::OperationId operation_;
};

}  // namespace clued::focus
