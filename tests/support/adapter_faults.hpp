// What the adapters of a virtual world do not manage at present.
#pragma once

#include "base/time.hpp"

namespace clued::testing {

/// By default everything works, at once. Changeable while the world runs: what is commanded meanwhile has its fate.
struct AdapterFaults {
  bool ports = false;  ///< no RTP port can be bound
  enum class Gathering { works, fails, fails_later, is_silent };
  Gathering gathering = Gathering::works;  ///< fails_later: once it was told what was gathered
  bool connecting = false;                 ///< a channel's ICE, DTLS or SCTP does not come up
  int notify = 200;                        ///< the answer to NOTIFYs of REFERs; 408: none came, which takes its time
  bool calls = false;                      ///< nobody is reached by an INVITE of ours
  base::Duration delay{};                  ///< answers come so much later, also for what was given up meanwhile

  /// The descriptor table is full.
  static AdapterFaults no_descriptors() {
    AdapterFaults faults;
    faults.ports = faults.calls = true;
    faults.gathering = Gathering::fails;
    return faults;
  }
};

}  // namespace clued::testing
