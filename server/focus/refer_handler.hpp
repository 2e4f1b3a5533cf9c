#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "focus/invitation.hpp"
#include "focus/services.hpp"

namespace clued::focus {

/// What the referrer of an accepted REFER is told, and when (RFC 3515 section 2.4.4; `refer.final_notify`).
enum class NotifyMode {
  progress_and_result,  ///< 100 Trying at once, the final status when the target is gone
  trying_once,          ///< one NOTIFY, 100 Trying and terminated: nothing that makes a phone think it was transferred
  silent,               ///< none
};

/// The REFERs of one conference whose targets are not all gone yet. Each gets exactly one last word.
class ReferHandler {
 public:
  ReferHandler(Services& services, ConferenceId conference) : services_(services), conference_(conference) {}

  struct Refer {
    SubscriptionId subscription;
    base::OperationId operation;
    std::string conference;
    std::string call_id;
    Account account;  ///< whose share it counts against
    NotifyMode mode = NotifyMode::progress_and_result;
    std::unordered_set<ParticipantId> awaited{};  ///< of a removal: targets whose dialog is not over yet
    ParticipantId called{};                       ///< of an invitation: who is being called
    StatusLine result{200, "OK"};                 ///< the last word, if it is known already
    unsigned failures = 0;                        ///< of NOTIFYs in a row, which said nothing of the subscription
  };

  /// Says the first word; with nobody to wait for also the last.
  void open(Refer refer, const Turn& turn);
  /// A target's dialog is over, by whatever answer to the BYE (END-04).
  void dialog_over(ParticipantId target, const Turn& turn);
  /// News of somebody who is being called.
  void progressed(ParticipantId called, const StatusLine& line, const Turn& turn);
  /// The call was answered, refused or given up.
  void concluded(ParticipantId called, const StatusLine& line, const Turn& turn);
  /// What a NOTIFY was answered. When the subscription has failed or was given up, what was asked for goes on (REF-22),
  /// and nothing more is said.
  void notify_answered(const event::NotifyAnswered& answered, const Turn& turn);

  std::size_t size() const noexcept { return refers_.size(); }
  /// In all conferences.
  std::size_t open_of(const Account& account) const;

 private:
  void notify(const Refer& refer, const StatusLine& line, bool terminated, const Turn& turn) const;
  template <class IsDone>
  void conclude_if(IsDone is_done, const Turn& turn);
  void conclude(const Refer& refer, const Turn& turn);

  Services& services_;
  ConferenceId conference_;
  std::vector<Refer> refers_;
};

/// `auto` as measured with real clients (expectations): who may take a final 200 for the success of its own transfer is
/// not sent one.
NotifyMode notify_mode(FinalNotify setting, const event::ReferReceived& refer, bool referrer_is_aware);

}  // namespace clued::focus
