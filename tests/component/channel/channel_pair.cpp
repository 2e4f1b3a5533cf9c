#include "component/channel/channel_pair.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <variant>

#include "base/overloaded.hpp"

namespace clued::channel::test {

Side::Side(boost::asio::io_context& io, Settings settings)
    : channels(
          io, settings, [this](focus::Event event) { posted(std::move(event)); },
          [this](base::Record record) { records.push_back(std::move(record)); }),
      lite_(settings.ice == IceMode::lite) {
  if (const auto started = channels.start(); !started) throw std::runtime_error(started.error());
}

std::size_t Side::records_of(std::string_view name) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(records, [name](const base::Record& record) { return record.kind->name == name; }));
}

void Side::posted(focus::Event event) {
  std::visit(base::overloaded{[this](event::ChannelGathered& gathered) {
                                story(gathered.channel).local = std::move(gathered.local);
                                story(gathered.channel).order.emplace_back("gathered");
                              },
                              [this](event::ChannelEstablished& established) {
                                story(established.channel).established = established.end;
                                story(established.channel).order.emplace_back("established");
                              },
                              [this](event::ChannelMessageReceived& received) {
                                story(received.channel).messages.push_back(std::move(received.message));
                                story(received.channel).order.emplace_back("message");
                              },
                              [this](event::ChannelFailed& failed) {
                                story(failed.channel).failures.push_back(failed.cause);
                                story(failed.channel).failure_detail = failed.detail;
                                story(failed.channel).order.emplace_back("failed");
                              },
                              [this](event::ChannelReleased& released) {
                                story(released.channel).released = released.how;
                                story(released.channel).order.emplace_back("released");
                              },
                              [](auto&) {}},
             event);
}

bool Loop::until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    offerer.restart();
    answerer.restart();
    const std::size_t handled = offerer.poll() + (answerer_is_frozen ? 0 : answerer.poll());
    if (handled == 0) offerer.run_one_for(1ms);
  }
  return true;
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator descriptors("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

Settings loopback_settings(IceMode ice) {
  Settings settings;
  settings.ice = ice;
  settings.address_v4 = "127.0.0.1";
  settings.address_v6 = "::1";
  return settings;
}

ChannelPair::ChannelPair(Settings offerer_settings, Settings answerer_settings)
    : offerer(loop.offerer, std::move(offerer_settings)), answerer(loop.answerer, std::move(answerer_settings)) {}

bool ChannelPair::gather(base::ChannelId id, sdp::IpFamily family) {
  // RFC 8445 section 6.1.1: who offers controls, unless only the other one is a full agent.
  offerer.channels.open({id, family, !roles_conflict && (!offerer.is_lite() || answerer.is_lite())});
  answerer.channels.open({id, family, !roles_conflict && offerer.is_lite() && !answerer.is_lite()});
  return loop.until([this, id] { return offerer.story(id).local && answerer.story(id).local; });
}

void ChannelPair::connect_offerer(base::ChannelId id, Answer answer,
                                  const std::function<void(sdp::DataChannel&)>& change) {
  sdp::DataChannel local = *offerer.story(id).local;
  sdp::DataChannel remote = *answerer.story(id).local;
  local.setup = answer == Answer::active ? sdp::SetupRole::passive : sdp::SetupRole::active;
  remote.setup = answer == Answer::active ? sdp::SetupRole::active : sdp::SetupRole::passive;
  local.sctp_port = offerer_sctp_port;
  remote.sctp_port = answerer_sctp_port;
  local.stream_id = remote.stream_id = stream_id;
  if (max_message_size != 0) remote.max_message_size = max_message_size;
  if (change) change(remote);
  offerer.channels.connect({id, local, remote});
}

void ChannelPair::connect_answerer(base::ChannelId id, Answer answer,
                                   const std::function<void(sdp::DataChannel&)>& change) {
  sdp::DataChannel local = *answerer.story(id).local;
  sdp::DataChannel remote = *offerer.story(id).local;
  local.setup = answer == Answer::active ? sdp::SetupRole::active : sdp::SetupRole::passive;
  remote.setup = sdp::SetupRole::actpass;
  local.sctp_port = answerer_sctp_port;
  remote.sctp_port = offerer_sctp_port;
  local.stream_id = remote.stream_id = stream_id;
  if (max_message_size != 0) remote.max_message_size = max_message_size;
  if (change) change(remote);
  answerer.channels.connect({id, local, remote});
}

void ChannelPair::connect(base::ChannelId id, Answer answer, const std::function<void(sdp::DataChannel&)>& change) {
  connect_answerer(id, answer);
  connect_offerer(id, answer, change);
}

bool ChannelPair::establish(base::ChannelId id, Answer answer, sdp::IpFamily family) {
  if (!gather(id, family)) return false;
  connect(id, answer);
  return loop.until([this, id] { return offerer.story(id).established && answerer.story(id).established; });
}

bool ChannelPair::close_both(base::ChannelId id) {
  offerer.channels.close({id});
  answerer.channels.close({id});
  return loop.until([this, id] { return offerer.story(id).released && answerer.story(id).released; });
}

}  // namespace clued::channel::test
