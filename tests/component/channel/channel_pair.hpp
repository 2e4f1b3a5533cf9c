// Two Channels in one process, on loopback, each playing one side of an offer/answer exchange.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "channel/channels.hpp"

namespace clued::channel::test {

using namespace std::chrono_literals;
namespace command = focus::command;
namespace event = focus::event;

/// What happened to one channel of a side, in order.
struct Story {
  std::optional<sdp::DataChannel> local;
  std::optional<event::ChannelEnd> established;
  std::vector<std::string> messages;
  std::vector<std::string> failures;  ///< causes
  std::string failure_detail;
  std::optional<std::string> released;
  std::vector<std::string> order;  ///< "gathered", "established", "message", "failed", "released"
};

/// One Channels with everything that it says.
class Side {
 public:
  Side(boost::asio::io_context& io, Settings settings);

  Story& story(base::ChannelId id) { return stories[id]; }
  std::size_t records_of(std::string_view name) const;

  std::unordered_map<base::ChannelId, Story> stories;
  std::vector<base::Record> records;
  Channels channels;

  bool is_lite() const noexcept { return lite_; }

 private:
  void posted(focus::Event event);

  bool lite_;
};

/// The event loops of both sides. Waits are bounded: a condition that never comes is a failed test, not a hanging one.
class Loop {
 public:
  /// True when the condition came true within the time.
  bool until(const std::function<bool()>& condition, std::chrono::milliseconds limit = 20s);

  boost::asio::io_context offerer;
  boost::asio::io_context answerer;
  bool answerer_is_frozen = false;  ///< as if its machine had stopped
};

std::size_t open_descriptors();

/// Dotted-quad for IPv4, ::1 for IPv6, everything else as shipped.
Settings loopback_settings(IceMode ice = IceMode::full);

/// What the answerer's setup is when the offer said actpass.
enum class Answer { active, passive };

/// Two sides that exchange what SDP would carry.
class ChannelPair {
 public:
  explicit ChannelPair(Settings offerer_settings = loopback_settings(),
                       Settings answerer_settings = loopback_settings());

  /// Opens at both sides and waits for both to be gathered.
  bool gather(base::ChannelId id, sdp::IpFamily family = sdp::IpFamily::v4);
  /// Gives both sides the other's description. `change` may falsify what the offerer is told of the answerer.
  void connect(base::ChannelId id, Answer answer = Answer::active,
               const std::function<void(sdp::DataChannel&)>& change = {});
  void connect_offerer(base::ChannelId id, Answer answer = Answer::active,
                       const std::function<void(sdp::DataChannel&)>& change = {});
  void connect_answerer(base::ChannelId id, Answer answer = Answer::active,
                        const std::function<void(sdp::DataChannel&)>& change = {});
  bool establish(base::ChannelId id, Answer answer = Answer::active, sdp::IpFamily family = sdp::IpFamily::v4);
  bool close_both(base::ChannelId id);

  Loop loop;
  Side offerer;
  Side answerer;
  std::uint16_t offerer_sctp_port = 5000;
  std::uint16_t answerer_sctp_port = 5000;
  std::uint16_t stream_id = 0;
  bool roles_conflict = false;         ///< neither side wants to control
  std::uint64_t max_message_size = 0;  ///< told to both, if not 0
};

}  // namespace clued::channel::test
