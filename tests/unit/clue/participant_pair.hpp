// Two CLUE Participants joined by a channel in virtual time: it delays, keeps the order and can be cut. What goes over
// it is checked against the rules that hold for every exchange.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "clue/clue_participant.hpp"
#include "machine_support.hpp"

namespace clued::clue::testing {

/// How the owner of one end answers an advertisement.
struct Answer {
  enum class Kind { configure_with_ack, ack_then_configure, nack, nothing } kind = Kind::configure_with_ack;
  base::Duration after{};  ///< until the ack; as long again until the configure that follows it
};

/// One end and its owner, who wants every camera unless told otherwise.
struct End {
  explicit End(Settings settings) : participant(std::move(settings)) {}

  ClueParticipant participant;
  std::shared_ptr<const ComposedAdvertisement> wanted;                   ///< what the peer is to know in the end
  std::function<Answer()> answer = [] { return Answer{}; };              ///< asked once for each advertisement
  std::function<bool(const action::Transmit&)> loses = nullptr;          ///< true: the channel swallows this message
  std::optional<std::size_t> cameras;                                    ///< so many are configured; all by default
  std::optional<Advertisement> offered;                                  ///< what the peer advertised last
  std::deque<std::pair<base::TimePoint, std::string>> inbox;             ///< on its way to this end
  std::vector<std::pair<base::TimePoint, std::function<void()>>> to_do;  ///< decisions of the owner that take time
  Actions history;  ///< all that the participant said, bytes left out
  bool advertisement_outstanding = false;
  bool configure_outstanding = false;
  std::optional<std::uint32_t> acknowledged;                 ///< the advertisement answered by an ack of its own
  std::optional<std::uint32_t> acknowledged_with_configure;  ///< the one answered by configure+ack
  std::optional<std::uint32_t> initiation_number, provider_number, consumer_number;  ///< sent last (CP-09)

  template <class T>
  std::size_t count() const {
    return all_of<T>(history).size();
  }
  std::size_t sent(const std::string& name) const {
    std::size_t result = 0;
    for (const auto& one : all_of<action::Transmit>(history)) result += one.message_name == name ? 1U : 0U;
    return result;
  }
  std::vector<CaptureEncoding> choice() const {
    auto all = choose_all(offered->content);
    if (cameras && *cameras < all.size()) all.erase(all.begin() + static_cast<std::ptrdiff_t>(*cameras), all.end());
    return all;
  }
};

class Pair {
 public:
  Pair() : Pair(settings("a", 10), settings("b", 5000)) {}
  Pair(Settings of_a, Settings of_b) : a(std::move(of_a)), b(std::move(of_b)) {}

  static Settings settings(std::string clue_id, std::uint32_t start);

  void connect(ChannelRole role_of_a = ChannelRole::initiator);
  /// The channel is gone, and with it all that was on its way.
  void cut();

  /// The owner wants the peer to know this.
  void advertise(End& end, std::shared_ptr<const ComposedAdvertisement> wanted);
  /// The owner wants another number of cameras.
  void choose(End& end, std::size_t cameras);

  /// Lets everything happen that is due until then.
  void run_until(base::TimePoint end_of_run);
  /// Lets everything happen until nothing is due any more.
  void run();

  /// Both know what the other wants to be known, and what was chosen from it is in force at both ends.
  void expect_converged();
  void expect_converged(const End& provider, const End& consumer);

  End a;
  End b;
  base::TimePoint now{};
  std::function<base::Duration()> delay = [] { return std::chrono::milliseconds(20); };

 private:
  base::Deadline next_event() const;
  void step();
  /// Gives the participant something to do and carries out what it says.
  void with(End& end, const std::function<void(Actions&)>& something);
  void decide(End& end, const Answer& answer);
  void check(End& end, const action::Transmit& transmit);

  void on(End& end, action::Transmit& message);
  void on(End& end, const action::BecameActive& active);
  void on(End& end, const action::AdvertisementReceived& received);
  void on(End& end, const action::AdvertisementAcknowledged& acknowledged);
  void on(End& end, const action::AdvertisementRefused& refused);
  void on(End& end, const action::ConfigureAnswered& answered);
  void on(End& end, const action::GuardExpired& guard);
  template <class Other>
  void on(End&, const Other&) {}
};

}  // namespace clued::clue::testing
