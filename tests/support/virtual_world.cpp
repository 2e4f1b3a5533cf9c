#include "virtual_world.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/overloaded.hpp"
#include "clue/codec.hpp"

namespace clued::testing {

using namespace focus;

namespace {

/// 64*T1 of RFC 3261.
constexpr std::chrono::seconds transaction_timeout{32};

std::string text_of(const base::Field& field) {
  const auto value = std::visit(base::overloaded{[](const std::string& text) { return text; },
                                                 [](const base::Identity& identity) { return identity.text; },
                                                 [](auto number) { return std::to_string(number); }},
                                field.value);
  return std::string(field.key) + "=" + value;
}

}  // namespace

Policy VirtualWorld::default_policy() {
  Policy policy;
  policy.reinvite_spread = {};
  policy.media.address_v4 = "127.0.0.1";
  policy.media.audio_codecs = {{"PCMU/8000", 0, ""}};
  policy.media.video_codecs = {{"H264/90000", 96, ""}};
  return policy;
}

VirtualWorld::VirtualWorld(Policy policy, std::uint64_t seed)
    : policy_(std::move(policy)), randomness_(seed), focus_(policy_, randomness_, &calendar_) {}

VirtualEndpoint& VirtualWorld::endpoint(const std::string& name, EndpointTraits traits) {
  return endpoints_.emplace_back(*this, name, std::move(traits));
}

VirtualEndpoint& VirtualWorld::join(const std::string& name, EndpointTraits traits) {
  auto& joiner = endpoint(name, std::move(traits));
  joiner.invite(conference_.empty() ? policy_.conference.factory_user : conference_);
  settle();
  advance(std::chrono::seconds(2));
  if (conference_.empty()) conference_ = joiner.contact_user();
  return joiner;
}

RequestId VirtualWorld::next_request(VirtualEndpoint* from) {
  const auto request = request_ids_.next();
  requests_.emplace(request, from);
  return request;
}

void VirtualWorld::end_dialog(VirtualEndpoint& endpoint, int status) {
  if (dialogs_.erase(endpoint.dialog()) == 0) return;
  endpoint.over_ = true;
  offers_outstanding_.erase(endpoint.dialog());
  post(event::DialogTerminated{endpoint.dialog(), status});
}

void VirtualWorld::answer(Event event) {
  if (faults.delay <= base::Duration::zero() && answered_until_ <= now_) return post(std::move(event));
  answered_until_ = std::max(answered_until_, now_ + faults.delay);
  later(answered_until_ - now_, [this, event = std::move(event)]() mutable { post(std::move(event)); });
}

void VirtualWorld::note_told(const Event& event) {
  if (const auto* over = std::get_if<event::DialogTerminated>(&event)) ended_.insert(over->dialog);
  if (const auto* failed = std::get_if<event::PortFailed>(&event)) failing_.erase(failed->port);
}

VirtualEndpoint* VirtualWorld::peer_of(DialogId dialog, const char* command) {
  if (const auto found = dialogs_.find(dialog); found != dialogs_.end()) return found->second;
  if (ended_.contains(dialog)) violate(std::string(command) + " in a dialog that is gone");
  return nullptr;
}

// RFC 8847 figure 10: one is unanswered, or was for so long that its guard has expired (CP-21).
void VirtualWorld::note_advertisement(ChannelId channel, const std::string& message) {
  const auto decoded = clue::decode(message);
  if (!decoded || !std::holds_alternative<clue::Advertisement>(*decoded)) return;
  const auto [found, is_first] = advertised_.emplace(channel, now_);
  if (!is_first && now_ < found->second + policy_.clue_timers.guard) violate("two advertisements outstanding");
  found->second = now_;
}

void VirtualWorld::note_message_of_peer(ChannelId channel, const std::string& message) {
  const auto decoded = clue::decode(message);
  if (!decoded) return;
  const auto* configure = std::get_if<clue::Configure>(&*decoded);
  if (std::holds_alternative<clue::Ack>(*decoded) || (configure != nullptr && configure->ack))
    advertised_.erase(channel);
}

void VirtualWorld::settle() {
  Commands commands;
  // A world that never gets quiet is a core that talks to itself.
  for (int turns = 0; turns < 1'000'000; ++turns) {
    commands.clear();
    if (!queue_.empty()) {
      auto event = std::move(queue_.front());
      queue_.pop_front();
      note_told(event);
      focus_.handle(std::move(event), now_, commands);
    } else if (const auto deadline = next_deadline(); deadline && *deadline <= now_) {
      handle_timeouts();
      continue;
    } else {
      return;
    }
    for (auto& command : commands) carry_out(command);
  }
  throw std::runtime_error("the world does not get quiet");
}

void VirtualWorld::advance(base::Duration duration) {
  const auto until = now_ + duration;
  settle();
  for (auto deadline = next_deadline(); deadline && *deadline <= until; deadline = next_deadline()) {
    now_ = std::max(now_, *deadline);
    settle();
  }
  now_ = until;
}

base::Deadline VirtualWorld::next_deadline() const {
  auto deadline = focus_.next_deadline();
  for (const auto& one : endpoints_) deadline = base::earlier(deadline, one.next_deadline());
  if (!later_.empty()) deadline = base::earlier(deadline, later_.begin()->first);
  return deadline;
}

void VirtualWorld::handle_timeouts() {
  for (auto& one : endpoints_) {
    if (const auto deadline = one.next_deadline(); deadline && *deadline <= now_) one.handle_timeout();
  }
  while (!later_.empty() && later_.begin()->first <= now_) later_.extract(later_.begin()).mapped()();
  Commands commands;
  focus_.handle_timeout(now_, commands);
  for (auto& command : commands) carry_out(command);
}

void VirtualWorld::carry_out(Command& command) {
  std::visit([&](auto& one) { perform(one); }, command);
}

void VirtualWorld::perform(command::Respond& command) {
  if (const auto watcher = watcher_requests_.find(command.request); watcher != watcher_requests_.end()) {
    watcher->second->receive_response(command);
    watcher_requests_.erase(watcher);
    return;
  }
  if (closed_requests_.contains(command.request)) return;
  const auto found = requests_.find(command.request);
  if (found == requests_.end()) return violate("response to a request that is answered already");
  auto* endpoint = found->second;
  if (command.status >= 200) requests_.erase(found);
  endpoint->receive_response(command);
}

void VirtualWorld::perform(command::AcceptRefer& command) {
  if (requests_.erase(command.request) == 0) return violate("second answer to a REFER");
  refer_answers_.push_back(command.status);
}

void VirtualWorld::perform(command::NotifyRefer& command) {
  const auto closed = std::any_of(notifies_.begin(), notifies_.end(), [&](const auto& earlier) {
    return earlier.subscription == command.subscription && earlier.terminated;
  });
  if (closed) violate("NOTIFY after the last one");
  notifies_.push_back(command);
  event::NotifyAnswered answered{command.subscription, faults.notify};
  if (faults.notify >= 300) failed_subscriptions_.insert(command.subscription);
  if (faults.notify != 408) return answer(answered);
  later(transaction_timeout, [this, answered] { post(answered); });
}

void VirtualWorld::perform(command::AcceptSubscribe& command) {
  const auto watcher = watcher_requests_.find(command.request);
  if (watcher == watcher_requests_.end()) return violate("second answer to a SUBSCRIBE");
  watcher->second->receive_accept(command);
  watcher_requests_.erase(watcher);
}

void VirtualWorld::perform(command::NotifyConference& command) {
  const auto watcher = watchers_by_id_.find(command.subscription);
  if (watcher == watchers_by_id_.end()) return violate("NOTIFY of a subscription that nobody has");
  watcher->second->receive_notify(command);
}

void VirtualWorld::perform(command::ForgetSubscription&) {}

VirtualEndpoint* VirtualWorld::find(const std::string& name) {
  for (auto& one : endpoints_) {
    if (one.name() == name) return &one;
  }
  return nullptr;
}

VirtualEndpoint* VirtualWorld::find_endpoint(const std::string& name) {
  auto* found = find(name);
  if (found == nullptr) throw std::logic_error("nobody is called " + name);
  return found;
}

void VirtualWorld::perform(command::SendInvite& command) {
  if (dialogs_.contains(command.dialog)) return violate("a dialog begun twice");
  auto* callee = find(command.target.user);
  const bool is_busy = callee != nullptr && callee->dialog() && !callee->is_over();
  if (callee == nullptr || is_busy || faults.calls) {  // nobody there: the transaction's timeout, at once
    event::InviteAnswered answered;
    answered.dialog = command.dialog;
    answered.status = faults.calls ? 503 : is_busy ? 486 : 408;
    post(std::move(answered));
    return post(event::DialogTerminated{command.dialog, 0});
  }
  dialogs_.emplace(command.dialog, callee);
  callee->receive_invite(command);
}

void VirtualWorld::perform(command::SendCancel& command) {
  const auto found = dialogs_.find(command.dialog);
  if (found != dialogs_.end()) found->second->receive_cancel(command);
}

void VirtualWorld::perform(command::SendReinvite& command) {
  auto* peer = peer_of(command.dialog, "re-INVITE");
  if (peer == nullptr) return;
  if (!peer->is_confirmed() && !command.fork) violate("re-INVITE before the ACK");
  if (peer->is_confirmed() && command.fork) violate("UPDATE in an early dialog that is none");
  if (!offers_outstanding_.insert(command.dialog).second) violate("two offers outstanding");
  peer->receive_reinvite(command);
}

void VirtualWorld::perform(command::SendUpdate& command) {
  auto* peer = peer_of(command.dialog, "UPDATE");
  if (peer == nullptr) return;
  if (!peer->is_confirmed()) violate("UPDATE before the ACK");
  peer->receive_update(command);
}

void VirtualWorld::perform(command::SendBye& command) {
  auto* peer = peer_of(command.dialog, "BYE");
  if (peer == nullptr) return;
  auto& endpoint = *peer;
  if (!endpoint.is_confirmed()) violate("BYE before the ACK");
  if (endpoint.bye_received()) violate("second BYE");
  endpoint.receive_bye(command);
  if (endpoint.traits.bye_unanswered) {
    later(transaction_timeout, [this, &endpoint, dialog = command.dialog] {
      if (endpoint.dialog() == dialog) return end_dialog(endpoint, 408);
      if (dialogs_.erase(dialog) != 0) post(event::DialogTerminated{dialog, 408});  // it was called once more
    });
  } else {
    end_dialog(endpoint, endpoint.traits.bye_status);
  }
}

void VirtualWorld::perform(command::OpenChannel& command) {
  event::ChannelGathered gathered{command.channel, {}};
  auto& local = gathered.local;
  local.address = "127.0.0.1";
  local.port = 41000;
  local.ice_ufrag = "focus";
  local.ice_pwd = "0123456789012345678901";
  local.candidates = {"1 1 UDP 2130706431 127.0.0.1 41000 typ host"};
  local.fingerprints = {
      {"sha-256", "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"}};
  local.tls_id = "focusfocusfocusfocus";
  channels_.emplace(command.channel, nullptr);
  using Gathering = AdapterFaults::Gathering;
  if (faults.gathering == Gathering::works || faults.gathering == Gathering::fails_later) answer(std::move(gathered));
  if (faults.gathering == Gathering::fails || faults.gathering == Gathering::fails_later) {
    answer(event::ChannelFailed{command.channel, "gathering", "the test has no candidates"});
  }
}

void VirtualWorld::perform(command::ConnectChannel& command) {
  if (!channels_.contains(command.channel)) return violate("connecting a channel that is not open");
  if (faults.connecting) return answer(event::ChannelFailed{command.channel, "dtls", "the test cut it"});
  for (auto& one : endpoints_) {
    if ("uf" + one.name() != command.remote.ice_ufrag || one.is_over()) continue;
    channels_[command.channel] = &one;
    one.channel_connected(command);
  }
}

void VirtualWorld::perform(command::SendOnChannel& command) {
  if (closed_.contains(command.channel)) return violate("message on a closed channel");
  note_advertisement(command.channel, command.message);
  if (auto* endpoint = channels_[command.channel]) endpoint->channel_message(command.message);
}

void VirtualWorld::perform(command::CloseChannel& command) {
  if (!closed_.insert(command.channel).second) return violate("channel closed twice");
  if (auto* endpoint = channels_[command.channel]) endpoint->channel_closed();
  channels_.erase(command.channel);
  advertised_.erase(command.channel);
  answer(event::ChannelReleased{command.channel, "shutdown"});
}

void VirtualWorld::perform(command::BindPort& command) {
  if (faults.ports) {
    failing_.insert(command.port);
    return answer(event::PortFailed{command.port, "the test has none"});
  }
  ports_.insert(command.port);
  last_port_ = static_cast<std::uint16_t>(last_port_ + 2);
  const event::PortBound bound{command.port, last_port_};
  if (holds_ports_) {
    held_ports_.push_back(bound);
  } else {
    answer(bound);
  }
}

void VirtualWorld::hold_ports(bool hold) {
  holds_ports_ = hold;
  if (hold) return;
  for (const auto& bound : std::exchange(held_ports_, {})) post(bound);
}

std::vector<std::string> VirtualWorld::configured(const std::string& name) const {
  for (const auto& one : endpoints_) {
    if (one.name() == name) return one.configured();
  }
  return {};
}

void VirtualWorld::perform(command::ReleasePort& command) {
  if (failing_.erase(command.port) != 0) return;
  if (ports_.erase(command.port) == 0) violate("port released twice");
}

void VirtualWorld::perform(command::Log& command) { records_.push_back(std::move(command.record)); }

void VirtualWorld::perform(command::FinishShutdown&) { finished_ = true; }

std::string VirtualWorld::story() const {
  std::string lines;
  for (const auto& record : records_) {
    lines += record.kind->name;
    for (const auto& field : record.fields) lines += " " + text_of(field);
    lines += "\n";
  }
  return lines;
}

std::vector<std::string> VirtualWorld::lines(base::Severity least) const {
  std::vector<std::string> lines;
  for (const auto& record : records_) {
    if (record.kind->severity < least) continue;
    std::string line(record.kind->name);
    for (const auto& field : record.fields) line += " " + text_of(field);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> VirtualWorld::records(const std::string& name) const {
  std::vector<std::string> lines;
  for (const auto& record : records_) {
    if (record.kind->name != name) continue;
    std::string line;
    for (const auto& field : record.fields) line += (line.empty() ? "" : " ") + text_of(field);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace clued::testing
