// An INVITE of ours that has no final response yet. Private to server/sip.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
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
  };

  base::DialogId id;
  std::uint64_t client = 0;  ///< the transaction
  std::string target;        ///< Request-URI
  std::string route;         ///< a preloaded Route, or ""
  Source hop;                ///< where it is sent
  std::list<Fork> forks;
  Timers::Ticket patience;  ///< after a CANCEL
};

}  // namespace clued::sip
