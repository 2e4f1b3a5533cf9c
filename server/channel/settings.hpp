#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace clued::channel {

enum class IceMode {
  full,  ///< RFC 8445 with everything, a port per channel
  lite,  ///< RFC 8445 section 2.5, one port for all channels
};

/// What the operator decides about CLUE channels. Addresses are numeric: a name would need a resolver thread.
struct Settings {
  std::string address_v4 = "127.0.0.1";  ///< the local address of host candidates; empty: no IPv4 channels
  std::string address_v6 = "";           ///< likewise for IPv6
  IceMode ice = IceMode::full;
  std::uint16_t lite_port = 0;   ///< the UDP port of lite agents, 0: the kernel chooses
  std::uint16_t min_port = 0;    ///< first UDP port of full agents, 0: the kernel chooses
  std::uint16_t max_port = 0;    ///< last UDP port of full agents
  std::string stun_server = "";  ///< numeric; empty: host candidates only
  std::uint16_t stun_port = 3478;
  std::size_t max_inbound_message =
      std::size_t{256} * 1024;  ///< octets; told to the peer as a=max-message-size (DC-23)
  /// From one peer in the long run (DC-23), before anything is queued for the core; four seconds' worth at once. Twice
  /// `clue.max_messages_per_second`, because the core, which counts again, does not count the answers to its requests.
  double max_messages_per_second = 100;
  std::chrono::milliseconds dtls_first_retransmission{100};  ///< RFC 6347 section 4.2.4.1 allows less than its 1 s
  std::chrono::milliseconds dtls_longest_retransmission{3'000};
  std::chrono::milliseconds connect_timeout{30'000};  ///< from ConnectChannel to the association being up
  std::chrono::milliseconds shutdown_timeout{2'000};  ///< for stream reset and SHUTDOWN, then ABORT (TP-08)
  /// How long a failed ICE component may recover. libnice gives consent up after 10 s, RFC 7675 section 5.1 after 30; a
  /// lite agent doubts its peer after 15 s without a check.
  std::chrono::milliseconds consent_grace{20'000};
  /// The same before the first connection: the peer may still be on its way to learn our candidates.
  std::chrono::milliseconds check_grace{5'000};
};

}  // namespace clued::channel
