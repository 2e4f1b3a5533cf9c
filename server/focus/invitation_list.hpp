#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"
#include "focus/call_request.hpp"

namespace clued::focus {

/// The calls that a creator's recipient-list asks for: they wait until the creator is there, then for their turn; and
/// what became of them. Pure.
class InvitationList {
 public:
  /// `call_id`: of the INVITE that the list came in.
  void accept(std::vector<CallRequest> calls, base::OperationId operation, std::string call_id, base::TimePoint now) {
    call_id_ = std::move(call_id);
    waiting_.assign(std::make_move_iterator(calls.begin()), std::make_move_iterator(calls.end()));
    operation_ = operation;
    accepted_ = now;
  }
  /// The creator has acknowledged its 2xx, so it is where it says it is: from now on others may be called for it.
  void release() noexcept { is_released_ = true; }

  /// Who never was there has nobody called.
  void creator_left() {
    if (!is_released_) drop_waiting();
  }

  /// Somebody is to be called, as soon as the conference may.
  bool is_due() const noexcept { return is_released_ && !waiting_.empty(); }
  /// Only when it is due.
  CallRequest take_next() {
    CallRequest next = std::move(waiting_.front());
    waiting_.pop_front();
    return next;
  }
  void called(base::ParticipantId callee) { calling_.insert(callee); }
  /// Somebody was not called although its turn had come.
  void dropped() noexcept { ++dropped_; }
  /// Nobody is called any more.
  void drop_waiting() {
    dropped_ += waiting_.size();
    waiting_.clear();
  }
  void concluded(base::ParticipantId callee, int status) {
    if (calling_.erase(callee) > 0) ++(status < 300 ? answered_ : failed_);
  }

  base::OperationId operation() const noexcept { return operation_; }
  const std::string& call_id() const noexcept { return call_id_; }

  struct Summary {
    base::OperationId operation;
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;   ///< refused, not reached or withdrawn
    std::uint64_t dropped = 0;  ///< never called
    base::Duration took{};
  };
  /// Once, when nobody is left to be called or to answer.
  std::optional<Summary> take_summary(base::TimePoint now) {
    if (!accepted_ || !waiting_.empty() || !calling_.empty()) return std::nullopt;
    return Summary{operation_, answered_, failed_, dropped_, now - *std::exchange(accepted_, std::nullopt)};
  }

 private:
  std::deque<CallRequest> waiting_;
  std::unordered_set<base::ParticipantId> calling_;
  base::OperationId operation_;
  std::string call_id_;
  std::optional<base::TimePoint> accepted_;
  bool is_released_ = false;
  std::uint64_t answered_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace clued::focus
