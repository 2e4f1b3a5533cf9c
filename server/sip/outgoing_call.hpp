// An INVITE of ours that has no final response yet. Private to server/sip.
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
  std::uint64_t client = 0;  ///< the transaction
  std::string target;        ///< Request-URI
  std::string route;         ///< a preloaded Route, or ""
  Source hop;                ///< where it is sent
  std::list<Fork> forks;
  Timers::Ticket patience;  ///< after a CANCEL
};

}  // namespace clued::sip
