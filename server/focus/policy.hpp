// What the operator decided (RFC 4353: conference policy), read from the configuration: an immutable value that a
// reload (SIGHUP) replaces as a whole.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "clue/clue_participant.hpp"
#include "focus/conference_policy.hpp"
#include "sdp/offer_answer.hpp"

namespace clued::focus {

enum class FinalNotify { automatic, rfc3515, trying, none };  ///< `refer.final_notify`
enum class PreferredRefresher { focus, peer };                ///< `session.refresher`
enum class OnLoss { keep, remove };                           ///< `session.on_channel_loss`, `session.on_consent_loss`
enum class RefreshSdp { when_encodings_change, always };      ///< `refresh.sdp`

/// A host and port where this focus listens, or is said to.
struct OwnPlace {
  std::string host;
  std::uint16_t port = 0;
};

/// How others are called (RFC 4579 section 5.2).
struct DialOut {
  base::Duration ring_time = std::chrono::seconds(60);  ///< as most phones ring before they give up, below timer C
  unsigned redirects = 3;                               ///< other targets tried for one invitation
  bool offer_clue = true;
  bool preconditions = false;         ///< the first INVITE has some: our side is there (RFC 3312)
  bool has_outbound_proxy = false;    ///< which can route tel URIs
  std::size_t max_outstanding = 64;   ///< unanswered invitations of one conference
  std::size_t max_list_entries = 50;  ///< of the recipient-list in an INVITE to the factory (RFC 5363)
  std::vector<std::string> domains;   ///< hosts that may be called; empty: any
  // who we are ourselves, besides ConferencePolicy::domains; nobody of it is called
  std::vector<OwnPlace> own_places{};      ///< everybody there is this focus
  std::vector<std::string> own_domains{};  ///< where others may be too
};

struct Policy {
  ConferencePolicy conference;

  // refer
  FinalNotify final_notify = FinalNotify::automatic;
  int refer_accept_code = 200;  ///< REF-12
  std::string removal_reason = "Removed from conference";
  std::size_t max_port_pairs_per_account = 5000;  ///< a quarter of media.max_port_pairs
  std::size_t max_open_refers = 100;  ///< of one conference, not concluded yet

  // clue
  bool clue_enabled = true;
  clue::Timers clue_timers;
  double max_messages_per_second = 50;        ///< from one peer in the long run (DC-23); four seconds' worth at once
  double max_bytes_per_second = 128 * 1024;   ///< the same for their bytes
  std::size_t max_captures = 128;             ///< in one advertisement of a peer
  std::size_t max_advertised_captures = 32;   ///< individual captures in one advertisement
  unsigned max_video_encodings = 9;           ///< towards one participant
  std::uint64_t video_bandwidth = 4'000'000;  ///< bit/s of one encoding
  std::uint64_t audio_bandwidth = 128'000;
  std::size_t max_receive_streams = 8;  ///< pre-allocated towards one participant, per kind

  // refresh of the others
  RefreshSdp refresh_sdp = RefreshSdp::when_encodings_change;
  base::Duration refresh_window = std::chrono::milliseconds(200);  ///< changes within it are summed up
  base::Duration max_refresh_window = std::chrono::seconds(5);     ///< ... of one who changes again and again
  base::Duration reinvite_spread = std::chrono::milliseconds(50);  ///< OA-17
  base::Duration reinvite_retry = std::chrono::seconds(10);        ///< after a refusal other than 491 (OA-16)
  unsigned reinvite_retries = 3;

  // conference event package
  base::Duration notify_interval = std::chrono::seconds(5);  ///< between two NOTIFYs to one subscriber (EVT-08)
  std::chrono::seconds min_subscription{60};                 ///< shorter ones are refused with 423
  std::chrono::seconds max_subscription{3600};               ///< longer ones are shortened; also the default
  bool watch_after_removal = false;                          ///< END-11
  bool watch_after_leaving = true;                           ///< RFC 4579 allows it; in an IMS it is not expected
  std::size_t max_subscriptions = 10'000;                    ///< in all
  std::size_t max_subscriptions_per_conference = 2'000;
  std::size_t max_subscriptions_per_user = 50;      ///< in all conferences; of those who prove nothing: per address
  std::size_t max_subscriptions_per_source = 2000;  ///< the same by the address of those who prove nothing, in all

  // session
  base::Duration channel_wait = std::chrono::seconds(3);   ///< how long a reliable 183 waits for the CLUE channel
  base::Duration resource_wait = std::chrono::seconds(5);  ///< for our own candidates and ports
  /// For the resources of a caller with preconditions (RFC 3312). An access network tries a bearer five times, 8 s
  /// apart (TS 24.301, T3485); who has none by then will not have any, and timer C of RFC 3261 is far away.
  base::Duration precondition_wait = std::chrono::seconds(40);
  /// How long who takes another one's place may take to say what it captures, before the other leaves (FOC-11).
  base::Duration takeover_wait = std::chrono::seconds(2);
  base::Duration end_wait = std::chrono::seconds(5);  ///< how long shutdown waits for the BYEs' answers

  // how the dead are noticed (END-12, END-13)
  std::chrono::seconds session_expires = std::chrono::minutes(30);  ///< RFC 4028: between refreshes
  std::chrono::seconds min_session_expires{90};                     ///< never less, whoever asks for it
  PreferredRefresher session_refresher = PreferredRefresher::focus;
  OnLoss on_channel_loss = OnLoss::keep;  ///< of SCTP or DTLS: TP-10
  OnLoss on_consent_loss = OnLoss::keep;  ///< of ICE consent (RFC 7675)

  // dial-out
  DialOut dial_out;

  sdp::LocalMedia media;
};

/// The policy in force. It decides what is asked from now on, so whoever lives longer than one event asks here each
/// time and keeps neither a reference into the policy nor a copy of it. What was promised to a peer stays (an interval,
/// an expiry, a channel's timers).
class CurrentPolicy {
 public:
  explicit CurrentPolicy(Policy policy) : value_(std::make_shared<const Policy>(std::move(policy))) {}

  const Policy& operator*() const noexcept { return *value_; }
  const Policy* operator->() const noexcept { return value_.get(); }
  /// For a session, which keeps what it began with.
  std::shared_ptr<const sdp::LocalMedia> media() const { return {value_, &value_->media}; }
  void replace(std::shared_ptr<const Policy> fresh) noexcept { value_ = std::move(fresh); }

 private:
  std::shared_ptr<const Policy> value_;
};

}  // namespace clued::focus
