// The other end of a CLUE channel: real ICE, DTLS, SCTP and CLUE, of which each layer can be spoiled by itself.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/time.hpp"
#include "bench/telepresence_peer.hpp"
#include "channel/dtls_session.hpp"
#include "channel/sctp_association.hpp"
#include "fuzz_process/clue_grammar.hpp"
#include "fuzz_process/random.hpp"
#include "fuzz_process/sockets.hpp"

namespace clued::fuzz {

/// What all channels of the fuzzer share.
struct ChannelLibraries {
  channel::DtlsContext dtls;
  std::shared_ptr<channel::SctpStack> sctp = channel::SctpStack::acquire();
};

class ChannelPeer final : private channel::DtlsSession::Listener, private channel::SctpAssociation::Listener {
 public:
  /// `number` names it and is the seed of what it does by itself.
  ChannelPeer(Reactor& reactor, ChannelLibraries& libraries, std::uint64_t number);
  ~ChannelPeer() override;

  // --- SDP ---
  std::string offer();
  /// Begins to connect if there is a channel in it.
  void read_answer(const std::string& answer);
  /// Nothing when the offer cannot be read.
  std::optional<std::string> answer(const std::string& offer);
  /// The ACK is there, or was sent.
  void session_changed();

  /// Sends something that nobody has asked for, at one of the layers.
  void step(Random& random);
  /// Lets time pass: checks and repetitions.
  void tick(base::TimePoint now);

  bool is_established() const noexcept { return established_; }

 private:
  void dtls_output(channel::Bytes datagram) noexcept override;
  void dtls_connected() noexcept override;
  void dtls_received(channel::Bytes record) noexcept override;
  void dtls_failed(channel::DtlsFailure failure, const std::string& detail) noexcept override;
  void sctp_output(channel::Bytes packet) noexcept override;
  void sctp_established() noexcept override;
  void sctp_received(std::string message) noexcept override;
  void sctp_failed(channel::SctpFailure failure, const std::string& detail) noexcept override;
  void sctp_closed(bool gracefully) noexcept override;

  void received(std::string_view datagram);
  void received_stun(std::string_view datagram);
  void check();
  void start_dtls();
  void send_datagram(std::string_view datagram);
  void flush_messages();
  void step_clue(Random& random);
  void step_sctp(Random& random);
  void step_dtls(Random& random);
  std::string username() const { return remote_.ice_ufrag + ":" + local_.ice_ufrag; }

  ChannelLibraries& libraries_;
  Random random_;
  /// How many of a hundred datagrams and messages it spoils by itself.
  unsigned meanness_;
  UdpSocket socket_;
  std::uint64_t checks_ = 0;
  bench::TelepresencePeer peer_;
  sdp::DataChannel local_, remote_;
  bool has_remote_ = false, has_pair_ = false, established_ = false;
  base::TimePoint next_check_{};
  ClueNews news_;
  SequenceShift sequence_;
  std::deque<std::string> datagrams_, packets_;  // what was sent lately
  std::uint32_t tag_ = 0, tsn_ = 0;              // of the SCTP packets that were sent
  std::unique_ptr<channel::DtlsSession> dtls_;
  std::unique_ptr<channel::SctpAssociation> sctp_;
  // What has ended goes when nobody is in its callbacks.
  bool dtls_over_ = false;
};

}  // namespace clued::fuzz
