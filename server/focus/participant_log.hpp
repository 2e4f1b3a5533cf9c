#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "base/record.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// What the others' comings and goings made us say to a participant. It is written at debug, as it grows with their
/// number; the participant's last record sums it up.
struct ParticipantTally {
  std::uint64_t advertisements = 0;  ///< to it
  std::uint64_t configures = 0;      ///< of it
  std::uint64_t offers = 0;          ///< to it

  std::vector<base::Field> fields() const {
    return {{"advertisements", advertisements}, {"configures", configures}, {"offers", offers}};
  }
};

/// Writes records that carry the ids by which one grep tells a participant's story.
class ParticipantLog {
 public:
  ParticipantLog(std::string conference, std::string participant, std::string call_id)
      : subject_(std::make_shared<base::Subject>(
            base::Subject{std::move(conference), std::move(participant), std::move(call_id)})) {}

  void write(const Turn& turn, const base::RecordKind& kind, std::initializer_list<base::Field> fields = {}) const {
    write(turn, kind, std::vector<base::Field>(fields));
  }
  void write(const Turn& turn, const base::RecordKind& kind, const std::vector<base::Field>& fields) const {
    base::Record record{&kind, {}};
    record.fields.reserve(fields.size() + 4);
    record.fields.emplace_back("conference", subject_->conference);
    record.fields.emplace_back("participant", subject_->participant);
    record.fields.emplace_back("call_id", subject_->call_id);
    if (operation_) record.fields.emplace_back("op", operation_);
    record.fields.insert(record.fields.end(), fields.begin(), fields.end());
    turn.emit(command::Log{std::move(record)});
  }

  /// The removal that this participant is going through or is being refreshed after; 0: none.
  void set_operation(base::OperationId operation) { operation_ = operation; }
  /// Another INVITE of the same call.
  void set_call_id(std::string call_id) {
    subject_ =
        std::make_shared<base::Subject>(base::Subject{subject_->conference, subject_->participant, std::move(call_id)});
  }
  base::OperationId operation() const noexcept { return operation_; }
  const std::string& participant() const noexcept { return subject_->participant; }
  const std::string& call_id() const noexcept { return subject_->call_id; }
  /// For the adapters' records of what belongs to this participant.
  const base::SharedSubject& subject() const noexcept { return subject_; }

 private:
  base::SharedSubject subject_;
  base::OperationId operation_;
};

}  // namespace clued::focus
