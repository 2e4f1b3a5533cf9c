// A call of ours that has no final response yet: its INVITE is on its way, or waits for the address of the next hop.
// Private to server/sip.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sip/dialog.hpp"
#include "sip/timers.hpp"

namespace clued::sip {

struct OutgoingCall {
  /// One device that was reached, by the To tag of its responses: an early dialog (RFC 3261 section 12.1.2).
  struct Fork {
    std::string tag;
    std::shared_ptr<Dialog> dialog;
    std::uint32_t rseq = 0;  ///< of the reliable response acknowledged last; 0: none (RFC 3262 section 4)
    unsigned open_pracks = 0;
    /// An UPDATE that waits for their answers: on its way it could overtake them, and they would be too old then.
    std::optional<focus::command::SendReinvite> waiting{};
  };

  /// The one with that tag, or nullptr.
  Fork* find(std::string_view tag) {
    for (Fork& fork : forks) {
      if (equal_ignoring_case(fork.tag, tag)) return &fork;
    }
    return nullptr;
  }

  base::DialogId id;
  std::uint64_t client = 0;  ///< the transaction; 0: the INVITE was not sent yet
  std::string call_id;
  std::string target;  ///< Request-URI
  Source hop;          ///< where it is sent
  std::list<Fork> forks;
  Timers::Ticket patience;  ///< after a CANCEL
};

/// Of a call that has its final response: what is needed to acknowledge and end what other devices answer later (RFC
/// 3261 section 13.2.2.4), as long as they may.
struct LateAnswers {
  std::string tag;                 ///< ours
  std::string fork;                ///< of the device that has the call, or ""
  std::vector<std::string> ended;  ///< the others
  Flow flow;
  std::string focus_user;
  Timers::Ticket end;
};

}  // namespace clued::sip
