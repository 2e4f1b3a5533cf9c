// What the fuzzer knows of one dialog.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_process/channel_peer.hpp"
#include "fuzz_process/ways.hpp"

namespace clued::fuzz {

struct Call {
  enum class Kind { invite, subscription };

  std::uint64_t number = 0;  ///< of the step that began it, or made the daemon begin it
  Kind kind = Kind::invite;
  bool by_us = true;  ///< we sent the first request
  Way way;
  std::string call_id, own_tag, peer_tag;  ///< peer_tag: "" until the daemon has answered
  std::string own_uri, peer_uri;           ///< in From and To
  std::string target;                      ///< where requests go: the daemon's Contact
  std::vector<std::string> routes;
  unsigned cseq = 0;
  unsigned invite_cseq = 0;
  std::string invite_via;            ///< of the last INVITE, for its CANCEL
  std::string rseq;                  ///< of the last reliable provisional response
  std::string offer;                 ///< our last one
  std::string last_request;          ///< of the daemon, whole: for answers that come late
  std::vector<std::uint16_t> ports;  ///< where the daemon takes media
  bool confirmed = false;
  std::unique_ptr<ChannelPeer> channel;

  /// As Replaces has it, from the daemon's point of view.
  std::string as_replaced() const {
    return call_id + ";to-tag=" + (peer_tag.empty() ? "0" : peer_tag) + ";from-tag=" + own_tag;
  }
};

}  // namespace clued::fuzz
