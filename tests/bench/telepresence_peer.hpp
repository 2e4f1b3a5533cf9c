// A telepresence endpoint's half of SDP and CLUE, without any transport: the pure benchmark and the load client both
// drive the focus with it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "clue/clue_participant.hpp"
#include "sdp/data_channel.hpp"
#include "sdp/session_description.hpp"

namespace clued::bench {

/// Behaves as RFC 8848 section 5.3 describes: acknowledges an advertisement at once, configures as soon as the SDP has
/// the encodings. It wants the first three cameras that it is told of, and the conference's audio.
class TelepresencePeer {
 public:
  TelepresencePeer(const std::string& name, unsigned cameras);

  // --- SDP ---

  /// The first offer: audio, video and the CLUE channel, whose end this is.
  std::string offer(const sdp::DataChannel& channel);
  /// Reads the answer to it. Our end as connecting needs it (its DTLS role is chosen) and the focus's, or nothing when
  /// the focus has no CLUE channel for us.
  struct Ends {
    sdp::DataChannel local;
    sdp::DataChannel remote;
  };
  std::optional<Ends> read_answer(const std::string& answer);
  /// The answer to an offer of the focus; nothing when it cannot be read.
  std::optional<std::string> answer(const std::string& offer);
  /// An exchange is complete: what could not be configured before can be now.
  void session_changed(base::TimePoint now);

  // --- CLUE ---

  void channel_established(bool as_initiator, base::TimePoint now);
  void receive(std::string_view message, base::TimePoint now);
  /// Messages to be sent on the channel, in order.
  std::vector<std::string> take_messages() { return std::exchange(outgoing_, {}); }

  // --- what it saw ---

  std::size_t advertisements() const noexcept { return advertisements_; }
  bool is_acknowledged() const noexcept { return acknowledged_; }  ///< our own advertisement is
  /// Our configure of the last advertisement was accepted.
  bool is_configured() const noexcept { return configured_; }
  /// What went against us, or "": a refused configure or advertisement, a broken machine.
  const std::string& trouble() const noexcept { return trouble_; }

 private:
  void carry_out(clue::Actions& actions, base::TimePoint now);
  void told(std::shared_ptr<const clue::Advertisement> advertisement, base::TimePoint now);
  bool has_encodings_of(const clue::AdvertisementContent& content) const;
  std::vector<clue::CaptureEncoding> chosen_of(const clue::AdvertisementContent& content) const;
  sdp::MediaDescription answer_line(const sdp::MediaDescription& offered, sdp::Direction direction, std::size_t index);
  std::string say(std::vector<sdp::MediaDescription> lines, std::vector<std::string> clue_mids);

  std::string name_;
  unsigned cameras_;
  unsigned version_ = 0;
  sdp::DataChannel channel_;
  std::vector<std::string> labels_;        ///< of our own encodings, by m-line; "" where there is none
  std::vector<std::string> focus_labels_;  ///< of the focus's encodings in the last offer
  clue::ClueParticipant clue_;
  std::shared_ptr<const clue::Advertisement> told_;
  bool owes_configure_ = false;
  bool configured_ = false;
  bool acknowledged_ = false;
  std::size_t advertisements_ = 0;
  std::string trouble_;
  std::vector<std::string> outgoing_;
};

}  // namespace clued::bench
