#include "focus/focus.hpp"

#include <algorithm>
#include <cassert>
#include <utility>
#include <variant>

#include "focus/conference.hpp"
#include "focus/records.hpp"

namespace clued::focus {

namespace {

constexpr std::size_t participants_per_timeout = 32;

ParticipantId find(const std::unordered_map<DialogId, ParticipantId>& routes, DialogId id) {
  const auto found = routes.find(id);
  return found == routes.end() ? ParticipantId{} : found->second;
}
ParticipantId find(const std::unordered_map<ChannelId, ParticipantId>& routes, ChannelId id) {
  const auto found = routes.find(id);
  return found == routes.end() ? ParticipantId{} : found->second;
}
ParticipantId find(const std::unordered_map<PortId, ParticipantId>& routes, PortId id) {
  const auto found = routes.find(id);
  return found == routes.end() ? ParticipantId{} : found->second;
}

/// Whose event it is, by the id that it carries.
template <class ParticipantEvent>
ParticipantId owner_of(const ParticipantEvent& event, const Routes& routes) {
  if constexpr (requires { event.dialog; }) {
    return find(routes.dialogs, event.dialog);
  } else if constexpr (requires { event.channel; }) {
    return find(routes.channels, event.channel);
  } else {
    return find(routes.ports, event.port);
  }
}

}  // namespace

Focus::Focus(const Policy& policy, base::Randomness& randomness, const base::Calendar* calendar)
    : services_{CurrentPolicy(policy), randomness, {}, {}, {}, {}, {}, calendar} {
  services_.make_seat = [this](const Account& account, const Conference* asking, const Turn& turn) {
    return make_seat(account, asking, turn);
  };
  for (const auto& entry : services_.conference_policy().permanent) open_conference(entry.first, {}, {}, true);
}

Focus::~Focus() = default;

void Focus::handle(Event event, base::TimePoint now, Commands& out) {
  const Turn turn{now, out};
  std::visit([&](const auto& one) { on(one, turn); }, event);
  finish_shutdown_if_over(turn);
}

template <class ParticipantEvent>
void Focus::on(const ParticipantEvent& event, const Turn& turn) {
  const auto participant = owner_of(event, services_.routes);
  const auto conference = participants_.find(participant);
  if (conference == participants_.end()) {  // it left before the adapter's word came
    if constexpr (requires { event.request; }) {
      if (event.request) turn.emit(command::Respond{event.request, 481});
    }
    return;
  }
  auto& home = *conferences_.at(conference->second);
  if (!home.contains(participant)) return drop_stray(participant, home, turn);
  home.handle(participant, event, turn);
  update(home, turn);
}

// Routes end with their participant, so this cannot happen; if it does, only the route is lost.
void Focus::drop_stray(ParticipantId participant, const Conference& conference, const Turn& turn) {
  assert(false);
  base::Record record{&record::bug_impossible,
                      {{"conference", conference.user()},
                       {"participant", participant},
                       {"what", "a route to a participant who is gone"}}};
  turn.emit(command::Log{std::move(record)});
  participants_.erase(participant);
  deadlines_.set(participant, std::nullopt);
}

Conference& Focus::open_conference(std::string user, base::TimePoint now, const Account& account, bool is_confirmed) {
  const ConferenceId id = conference_ids_.next();
  shares_.add(id, account, is_confirmed);
  by_user_.emplace(user, id);
  ended_.remove(user);
  auto conference = std::make_unique<Conference>(services_, id, std::move(user), now);
  return *conferences_.emplace(id, std::move(conference)).first->second;
}

void Focus::on(const event::ReferReceived& refer, const Turn& turn) {
  // In a dialog of a conference it concerns that conference; else the Request-URI names it (RFC 4579 section 5.11).
  Conference* conference = refer.dialog ? conference_of(*refer.dialog) : find_conference(refer.request_uri);
  if (shutdown_deadline_ || conference == nullptr || conference->is_ending()) {
    command::Respond response{refer.request, shutdown_deadline_ ? 503 : missing_status(refer.request_uri, turn.now)};
    if (shutdown_deadline_) response.retry_after = retry_after_shutdown;
    base::Record record{&record::refer_refused,
                        {{"call_id", refer.call_id},
                         {"status", response.status},
                         {"reason", shutdown_deadline_ ? "shutting down" : "no such conference"},
                         {"uri", refer.request_uri.to_string()},
                         {"target", base::Identity{refer.refer_to.uri.to_string()}},
                         {"source", refer.source}}};
    turn.emit(command::Log{std::move(record)});
    turn.emit(std::move(response));
    return;
  }
  conference->refer(refer, turn);
  update(*conference, turn);
}

void Focus::on(const event::OptionsReceived& options, const Turn& turn) {
  const auto& uri = options.request_uri;
  const bool is_focus = is_ours(uri) && (uri.user.empty() || uri.user == services_.conference_policy().factory_user);
  if (!is_focus && find_conference(uri) == nullptr) {
    turn.emit(command::Respond{options.request, missing_status(uri, turn.now)});
    return;
  }
  command::Respond response{options.request, 200};
  if (shutdown_deadline_) {  // a load balancer that asks in this way takes us out
    response.status = 503;
    response.retry_after = retry_after_shutdown;
    turn.emit(std::move(response));
    return;
  }
  response.contact = FocusContact{uri.user, services_.policy->clue_enabled};
  response.takes_recipient_list = is_focus && !uri.user.empty();
  turn.emit(std::move(response));
}

void Focus::on(const event::SubscribeReceived& subscribe, const Turn& turn) {
  Conference* conference = subscribe.dialog ? conference_of(*subscribe.dialog) : nullptr;
  if (conference == nullptr) conference = find_conference(subscribe.request_uri);
  if (shutdown_deadline_ || conference == nullptr || conference->is_ending()) {
    command::Respond response{subscribe.request,
                              shutdown_deadline_ ? 503 : missing_status(subscribe.request_uri, turn.now)};
    if (shutdown_deadline_) response.retry_after = retry_after_shutdown;
    base::Record record{&record::subscription_refused,
                        {{"call_id", subscribe.call_id},
                         {"status", response.status},
                         {"reason", shutdown_deadline_ ? "shutting down" : "no such conference"},
                         {"uri", subscribe.request_uri.to_string()},
                         {"from", base::Identity{subscribe.from.uri.to_string()}},
                         {"source", subscribe.source}}};
    turn.emit(command::Log{std::move(record)});
    turn.emit(std::move(response));
    return;
  }
  conference->subscribe(subscribe, turn);
  update(*conference, turn);
}

void Focus::on(const event::NotifyAnswered& answered, const Turn& turn) {
  const auto route = services_.routes.subscriptions.find(answered.subscription);
  if (route == services_.routes.subscriptions.end()) return;
  const auto found = conferences_.find(route->second);
  if (found == conferences_.end()) return;
  found->second->notify_answered(answered, turn);
  update(*found->second, turn);
}

void Focus::on(const event::ShutdownRequested&, const Turn& turn) {
  if (shutdown_deadline_) return;
  shutdown_deadline_ = turn.now + services_.policy->end_wait;
  base::Record record{
      &record::shutdown_started,
      {{"conferences", std::uint64_t{conferences_.size()}}, {"participants", std::uint64_t{participants_.size()}}}};
  turn.emit(command::Log{std::move(record)});
  std::vector<Conference*> all;
  for (auto& entry : conferences_) all.push_back(entry.second.get());
  for (auto* conference : all) {
    conference->end("shutdown", turn);
    update(*conference, turn);
  }
}

void Focus::on(const event::PolicyChanged& change, const Turn& turn) {
  if (shutdown_deadline_) return;
  services_.policy.replace(change.policy);
  const auto& permanent = services_.conference_policy().permanent;
  std::size_t opened = 0;
  for (const auto& entry : permanent) {
    if (by_user_.contains(entry.first)) continue;
    open_conference(entry.first, turn.now, {}, true);
    ++opened;
  }
  base::Record record{&record::policy_changed,
                      {{"permanent", std::uint64_t{permanent.size()}}, {"opened", std::uint64_t{opened}}}};
  turn.emit(command::Log{std::move(record)});
  std::vector<Conference*> all;
  for (auto& entry : conferences_) all.push_back(entry.second.get());
  for (auto* conference : all) {
    conference->policy_changed(turn);
    update(*conference, turn);
  }
}

void Focus::finish_shutdown_if_over(const Turn& turn) {
  if (!shutdown_deadline_ || shutdown_finished_) return;
  if (!conferences_.empty() && turn.now < *shutdown_deadline_) return;
  shutdown_finished_ = true;
  for (const auto& entry : conferences_) entry.second->give_up(turn);
  base::Record record{&record::shutdown_finished, {{"unanswered", std::uint64_t{participants_.size()}}}};
  turn.emit(command::Log{std::move(record)});
  turn.emit(command::FinishShutdown{});
}

bool Focus::is_ours(const SipUri& uri) const {
  const auto& domains = services_.conference_policy().domains;
  return domains.empty() || std::find(domains.begin(), domains.end(), uri.host) != domains.end();
}

Conference* Focus::find_conference(const SipUri& uri) const {
  // The user part is unguessable, so it names the conference under whichever of our addresses the peer knows us. That
  // of a permanent one is a word that means something else elsewhere.
  const auto found = by_user_.find(uri.user);
  if (found == by_user_.end()) return nullptr;
  auto* conference = conferences_.at(found->second).get();
  return conference->is_named_by_operator() && !is_ours(uri) ? nullptr : conference;
}

int Focus::missing_status(const SipUri& uri, base::TimePoint now) const {
  return ended_.contains(uri.user, now) ? 410 : 404;
}

Conference* Focus::conference_of(DialogId dialog) const {
  const auto participant = participants_.find(find(services_.routes.dialogs, dialog));
  return participant == participants_.end() ? nullptr : conferences_.at(participant->second).get();
}

// END-08: the URI of a conference that is ending leads nowhere, while its last BYEs are still being answered.
void Focus::update(Conference& conference, const Turn& turn) {
  conference.bury_gone(turn);
  for (const auto participant : conference.take_touched()) {
    deadlines_.set(participant, conference.deadline_of(participant));
    if (conference.contains(participant)) {
      participants_.emplace(participant, conference.id());  // new when it was called
    } else {
      participants_.erase(participant);
    }
  }
  conference_deadlines_.set(conference.id(), conference.next_deadline());
  if (conference.has_begun()) shares_.confirm(conference.id());
  if (!conference.is_ending()) return;
  shares_.remove(conference.id());
  // A permanent one may have been opened again under this name.
  if (const auto named = by_user_.find(conference.user());
      named != by_user_.end() && named->second == conference.id()) {
    by_user_.erase(named);
    ended_.add(conference.user(), turn.now);
  }
  if (!conference.is_over()) return;
  conference_deadlines_.set(conference.id(), std::nullopt);
  conferences_.erase(conference.id());
}

base::Deadline Focus::next_deadline() const {
  auto deadline = base::earlier(deadlines_.next(), conference_deadlines_.next());
  if (shutdown_deadline_ && !shutdown_finished_) deadline = base::earlier(deadline, shutdown_deadline_);
  return deadline;
}

void Focus::handle_timeout(base::TimePoint now, Commands& out) {
  const Turn turn{now, out};
  for (std::size_t i = 0; i < participants_per_timeout; ++i) {
    const auto participant = deadlines_.take_due(now);
    if (!participant) break;
    const auto conference = participants_.find(participant);
    if (conference == participants_.end()) continue;
    auto& home = *conferences_.at(conference->second);
    if (!home.contains(participant)) {
      drop_stray(participant, home, turn);
      continue;
    }
    home.handle_timeout(participant, turn);
    update(home, turn);
  }
  if (const auto due = conference_deadlines_.take_due(now)) {
    auto& conference = *conferences_.at(due);
    conference.handle_timeout(turn);
    update(conference, turn);
  }
  finish_shutdown_if_over(turn);
}

Census Focus::census() const {
  Census census;
  census.conferences = conferences_.size();
  census.participants = participants_.size();
  census.channels = services_.routes.channels.size();
  census.ports = services_.routes.ports.size();
  census.subscriptions = services_.watches;
  const auto& routes = services_.routes;
  census.routes = routes.dialogs.size() + routes.channels.size() + routes.ports.size() + routes.subscriptions.size();
  for (const auto& entry : conferences_) census.open_refers += entry.second->open_refers();
  return census;
}

}  // namespace clued::focus
