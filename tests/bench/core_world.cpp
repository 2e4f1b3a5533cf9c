#include "bench/core_world.hpp"

#include <algorithm>
#include <ctime>
#include <utility>
#include <variant>

#include "sdp/data_channel_lines.hpp"

namespace clued::bench {

namespace {

namespace event = focus::event;
namespace command = focus::command;

/// Long enough for the window, the spreading of re-INVITEs and everything else that follows a change.
constexpr std::chrono::seconds quiet{2};

std::int64_t thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

/// The same end for everybody: the core compares it and writes it down, nobody connects to it.
sdp::DataChannel channel_end() {
  sdp::DataChannel end;
  end.address = "127.0.0.1";
  end.port = 30'000;
  end.ice_ufrag = "4nrF";
  end.ice_pwd = "Zc2Hj0bX5nq8sK1tV7wYdR";
  end.candidates = {"1 1 UDP 2130706431 127.0.0.1 30000 typ host"};
  end.end_of_candidates = true;
  std::string hex = "A1";
  for (int i = 1; i < 32; ++i) hex += ":A1";
  end.fingerprints = {{"sha-256", hex}};
  end.tls_id = "abcdefghijklmnopqrst";
  end.max_message_size = 262'144;
  return end;
}

focus::SipUri uri_of(const std::string& user) {
  focus::SipUri uri;
  uri.user = user;
  uri.host = "rooms.example.com";
  return uri;
}

}  // namespace

CoreWorld::CoreWorld(focus::Policy policy, std::size_t participants, unsigned cameras)
    : policy_(std::move(policy)), focus_(policy_, randomness_), cameras_(cameras) {
  invite(policy_.conference.factory_user);
  run(quiet);
  // All within one window: a conference that grows one by one tells everybody of each, which is not what is measured.
  for (std::size_t i = 1; i < participants; ++i) invite(conference_);
  run(quiet);
}

CoreWorld::~CoreWorld() = default;

void CoreWorld::join() {
  invite(conference_);
  run(quiet);
}

void CoreWorld::invite(const std::string& user) {
  const auto dialog = dialog_ids_.next();
  auto& member = members_[dialog];
  member.name = "room" + std::to_string(++last_name_);
  member.dialog = dialog;
  member.peer = std::make_unique<TelepresencePeer>(member.name, cameras_);
  event::InviteReceived invite;
  invite.request = request_ids_.next();
  invite.dialog = dialog;
  invite.call_id = member.name + "@198.51.100.7";
  invite.request_uri = uri_of(user);
  invite.from = {member.name, uri_of(member.name)};
  invite.contact.uri = uri_of(member.name);
  invite.contact.telepresence = true;
  invite.sdp = member.peer->offer(channel_end());
  invite.user_agent = "bench";
  invite.source = "udp:198.51.100.7:5060";
  invites_.emplace(invite.request, dialog);
  owed_channels_.push_back(dialog);
  post(std::move(invite));
}

void CoreWorld::join_hostile() {
  hostile_ = std::make_unique<HostilePeer>();
  join();
  hostile_->speak();
}

void CoreWorld::rest() {
  constexpr std::chrono::seconds pause{60};
  run(pause);
  now_ += pause;
  run(quiet);
}

CoreWorld::MessageCost CoreWorld::say(std::string message) {
  spent_ = 0;
  post(event::ChannelMessageReceived{hostile_channel_, std::move(message)});
  turn(now_ + quiet);
  MessageCost cost{spent_, 0};
  run(quiet);
  cost.refresh = spent_ - cost.message;
  return cost;
}

CoreCost CoreWorld::remove_shown() {
  const Member& creator = members_.begin()->second;
  const Member& target = std::next(members_.begin())->second;
  for (auto& [dialog, member] : members_) member.advertisements_before = member.peer->advertisements();
  event::ReferReceived refer;
  refer.request = request_ids_.next();
  refer.subscription = subscription_ids_.next();
  refer.dialog = creator.dialog;
  refer.request_uri = uri_of(conference_);
  refer.from = {creator.name, uri_of(creator.name)};
  refer.contact.uri = uri_of(creator.name);
  refer.contact.telepresence = true;
  refer.refer_to = {uri_of(target.name), "BYE", {}};
  refer.call_id = creator.name + "@198.51.100.7";

  cost_ = {};
  spent_ = 0;
  converged_ = false;
  post(std::move(refer));
  const auto end = now_ + std::chrono::seconds(10);
  while (!converged_ && turn(end)) {
  }
  cost_.until_converged = spent_;
  cost_.trouble = trouble_;
  if (!converged_) cost_.trouble = "did not converge";
  for (auto& [dialog, member] : members_) {
    if (member.peer->advertisements() == member.advertisements_before) cost_.trouble = member.name + " was not told";
    if (!member.peer->trouble().empty()) cost_.trouble = member.name + ": " + member.peer->trouble();
  }
  run(quiet);
  return cost_;
}

void CoreWorld::run(base::Duration horizon) {
  while (turn(now_ + horizon)) {
  }
}

bool CoreWorld::turn(base::TimePoint end) {
  focus::Commands commands;
  if (!queue_.empty()) {
    auto events = std::exchange(queue_, {});
    const auto began = thread_cpu_time();
    for (auto& one : events) focus_.handle(std::move(one), now_, commands);
    spent_ += thread_cpu_time() - began;
  } else {
    const auto deadline = focus_.next_deadline();
    if (!deadline || *deadline > end) return false;
    now_ = std::max(now_, *deadline);
    const auto began = thread_cpu_time();
    focus_.handle_timeout(now_, commands);
    spent_ += thread_cpu_time() - began;
  }
  for (auto& one : commands) std::visit([this](auto& known) { perform(known); }, one);
  return true;
}

CoreWorld::Member* CoreWorld::find(focus::ChannelId channel) {
  const auto route = channels_.find(channel);
  if (route == channels_.end()) return nullptr;
  const auto member = members_.find(route->second);
  return member == members_.end() ? nullptr : &member->second;
}

void CoreWorld::flush_messages(Member& member) {
  for (auto& message : member.peer->take_messages()) {
    if (hostile_ && member.channel == hostile_channel_) hostile_->note_sent(message);
    post(event::ChannelMessageReceived{member.channel, std::move(message)});
  }
}

void CoreWorld::perform(command::Respond& response) {
  const auto invite = invites_.find(response.request);
  if (invite == invites_.end() || response.status < 200) return;
  const auto dialog = invite->second;
  invites_.erase(invite);
  auto& member = members_.at(dialog);
  if (response.status >= 300 || !response.sdp || !member.peer->read_answer(*response.sdp)) {
    trouble_ = member.name + " was answered " + std::to_string(response.status);
    return;
  }
  if (conference_.empty() && response.contact) conference_ = response.contact->user;
  post(event::AckReceived{dialog, std::nullopt});
}

void CoreWorld::perform(command::SendReinvite& reinvite) {
  const auto member = members_.find(reinvite.dialog);
  if (member == members_.end()) return;
  ++cost_.reinvites;
  event::ReinviteAnswered answered;
  answered.dialog = reinvite.dialog;
  answered.sdp = member->second.peer->answer(reinvite.sdp);
  answered.status = answered.sdp ? 200 : 488;
  if (!answered.sdp) trouble_ = "an offer that cannot be read";
  post(std::move(answered));
  member->second.peer->session_changed(now_);
  flush_messages(member->second);
}

void CoreWorld::perform(command::SendUpdate& update) {
  post(event::UpdateAnswered{update.dialog, 200, {}, update.session_timer});
}

void CoreWorld::perform(command::SendBye& bye) {
  post(event::DialogTerminated{bye.dialog, 200});
  members_.erase(bye.dialog);
}

void CoreWorld::perform(command::OpenChannel& open) {
  // Channels are opened in the order of the INVITEs.
  const auto dialog = owed_channels_.front();
  owed_channels_.erase(owed_channels_.begin());
  channels_.emplace(open.channel, dialog);
  members_.at(dialog).channel = open.channel;
  if (hostile_ && !hostile_channel_) hostile_channel_ = open.channel;
  post(event::ChannelGathered{open.channel, channel_end()});
}

void CoreWorld::perform(command::ConnectChannel& connect) {
  Member* member = find(connect.channel);
  if (member == nullptr) return;
  const bool focus_is_client = connect.local.setup == sdp::SetupRole::active;
  post(event::ChannelEstablished{connect.channel,
                                 focus_is_client ? event::ChannelEnd::client : event::ChannelEnd::server});
  member->peer->channel_established(!focus_is_client, now_);
  flush_messages(*member);
}

void CoreWorld::perform(command::SendOnChannel& send) {
  Member* member = find(send.channel);
  if (member == nullptr) return;
  if (hostile_ && send.channel == hostile_channel_) hostile_->note_received(send.message);
  if (hostile_ && hostile_->speaks() && send.channel == hostile_channel_) {
    for (auto& message : hostile_->take_messages()) {
      post(event::ChannelMessageReceived{hostile_channel_, std::move(message)});
    }
    return;
  }
  const auto before = member->peer->advertisements();
  member->peer->receive(send.message, now_);
  if (member->peer->advertisements() != before) {
    ++cost_.advertisements;
    cost_.advertisement_bytes += send.message.size();
    cost_.until_told = spent_;
  }
  flush_messages(*member);
}

void CoreWorld::perform(command::CloseChannel& close) {
  post(event::ChannelReleased{close.channel, "shutdown"});
  channels_.erase(close.channel);
}

void CoreWorld::perform(command::BindPort& bind) {
  last_port_ = static_cast<std::uint16_t>(last_port_ < 60'000 ? last_port_ + 2 : 40'000);
  post(event::PortBound{bind.port, last_port_});
}

void CoreWorld::perform(command::NotifyRefer& notify) { post(event::NotifyAnswered{notify.subscription, 200}); }

void CoreWorld::perform(command::Log& log) {
  if (log.record.kind->name == "removal.converged") converged_ = true;
  if (hostile_ && (log.record.kind->name == "channel.failed" || log.record.kind->name == "clue.failed")) {
    trouble_ = "the channel of a participant was closed";
  }
}

}  // namespace clued::bench
