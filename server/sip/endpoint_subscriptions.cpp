// Endpoint: subscriptions whose notifier we are (RFC 6665): to the conference (RFC 4575) and to REFERs (RFC 3515).
#include <algorithm>

#include "focus/account.hpp"
#include "sip/abilities.hpp"
#include "sip/endpoint.hpp"

namespace clued::sip {

namespace {

constexpr const char* conference_info_type = "application/conference-info+xml";

/// The longest `id` of an Event that we keep and repeat.
constexpr std::size_t max_event_id = 256;

/// Without Accept the package's own type is meant (RFC 6665 section 3.1.3, RFC 4575 section 3.4).
bool accepts_conference_info(const sip_t& sip) {
  if (sip.sip_accept == nullptr) return true;
  for (const sip_accept_t* accept = sip.sip_accept; accept != nullptr; accept = accept->ac_next) {
    const std::string_view type = text_or_empty(accept->ac_type);
    for (const std::string_view good : {conference_info_type, "application/*", "*/*"}) {
      if (equal_ignoring_case(type, good)) return true;
    }
  }
  return false;
}

std::optional<std::chrono::seconds> expires_of(const sip_t& sip) {
  if (sip.sip_expires == nullptr) return std::nullopt;
  // A point in time instead of a delta is of an older RFC; what is absurdly long is shortened by the core anyway.
  constexpr std::uint64_t longest = 365UL * 24 * 3600;
  return std::chrono::seconds(std::min<std::uint64_t>(sip.sip_expires->ex_delta, longest));
}

/// Subscription-State of a REFER's subscription that goes on, with what is left of its time.
std::string active_state(const EventSubscription& one) {
  const auto left = std::chrono::ceil<std::chrono::seconds>(one.end - std::chrono::steady_clock::now()).count();
  return "active;expires=" + std::to_string(std::max<std::int64_t>(left, 0));
}

}  // namespace

std::string EventSubscription::event() const {
  if (package == Package::conference) return "conference" + (event_id.empty() ? "" : ";id=" + event_id);
  return "refer" + (first ? "" : ";id=" + event_id);
}

void Endpoint::receive_subscribe(const std::shared_ptr<Dialog>& dialog, Received request) {
  const sip_event_t* event = request.sip.sip_event;
  const std::string_view package = event == nullptr ? std::string_view{} : text_or_empty(event->o_type);
  if (equal_ignoring_case(package, "refer")) return refresh_refer(dialog, std::move(request));
  if (equal_ignoring_case(package, "conference")) return subscribe_to_conference(dialog, std::move(request));
  refuse(std::move(request), {489, "", "Allow-Events: " + allowed_events() + "\r\n", "event package unknown"});
}

void Endpoint::refresh_refer(const std::shared_ptr<Dialog>& dialog, Received request) {
  EventSubscription* found = nullptr;
  const std::string_view id = text_or_empty(request.sip.sip_event->o_id);
  for (const base::SubscriptionId one : dialog ? dialog->subscriptions : std::vector<base::SubscriptionId>{}) {
    EventSubscription* candidate = subscription(one);
    if (candidate == nullptr || candidate->package != Package::refer) continue;
    if (id.empty() ? candidate->first : candidate->event_id == id) found = candidate;
  }
  // RFC 3515 section 2.4.4: only a REFER makes such a subscription.
  if (found == nullptr) return refuse(std::move(request), {403, "", "", "no such refer subscription"});
  const auto asked = expires_of(request.sip);
  const bool ends = asked && asked->count() == 0;
  // RFC 6665 section 4.2.1.1: the notifier may grant less than was asked for.
  const auto granted = asked ? std::min(settings_.refer_expires, *asked) : settings_.refer_expires;
  std::string headers = "Expires: " + std::to_string(granted.count()) + "\r\n";
  reply(request.irq.get(), 200, "", headers, found->contact ? contact_text(*dialog, *found->contact) : "");
  if (ends) return end_refer_subscription(*found);
  if (found->told.terminated) return;  // its last NOTIFY is on its way
  expire_after(*found, granted);
  // RFC 6665 section 4.2.1.2: each SUBSCRIBE is followed by a NOTIFY at once.
  found->told.state = active_state(*found);
  notify(*found, found->told);
}

void Endpoint::expire_after(EventSubscription& one, std::chrono::seconds granted) {
  one.end = std::chrono::steady_clock::now() + granted;
  one.timer = timers_.after(granted, [this, id = one.id] {
    if (EventSubscription* found = subscription(id)) end_refer_subscription(*found);
  });
}

// Neither the referrer's unsubscribing nor the end of its time takes back what was asked for (RFC 3515 section 2.4.4;
// REF-22); the core only has nobody to tell any more.
void Endpoint::end_refer_subscription(EventSubscription& one) {
  if (one.told.terminated) return;  // its last NOTIFY is on its way
  one.told.terminated = true;
  one.told.state = "terminated;reason=timeout";
  post_(focus::event::NotifyAnswered{one.id, 481});
  notify(one, one.told);
}

void Endpoint::subscribe_to_conference(const std::shared_ptr<Dialog>& dialog, Received request) {
  const sip_t& sip = request.sip;
  if (auto refusal = contact_refusal(sip, request.flow.source.transport == "tls"))
    return refuse(std::move(request), *refusal);
  if (!accepts_conference_info(sip)) {
    const std::string accept = std::string("Accept: ") + conference_info_type + "\r\n";
    return refuse(std::move(request), {406, "", accept, "conference-info is not accepted"});
  }
  const std::string event_id{text_or_empty(sip.sip_event->o_id)};
  if (event_id.size() > max_event_id) return refuse(std::move(request), {400, "", "", "the id of Event is too long"});
  focus::event::SubscribeReceived event;
  for (const base::SubscriptionId one : dialog ? dialog->subscriptions : std::vector<base::SubscriptionId>{}) {
    const EventSubscription* candidate = subscription(one);
    const bool is_it =
        candidate != nullptr && candidate->package == Package::conference && candidate->event_id == event_id;
    if (is_it) event.subscription = one;
  }
  event.is_refresh = static_cast<bool>(event.subscription);
  if (!event.is_refresh && !has_room_for_usage(dialog.get(), Use::any)) {
    return refuse(std::move(request), too_busy("max_dialogs"));
  }
  if (!event.is_refresh) event.subscription = subscription_ids_.next();
  if (dialog) {
    event.dialog = dialog->invite;
  } else {
    event.target_dialog = target_dialog(sip);
  }
  event.request_uri = to_uri(*sip.sip_request->rq_url);
  event.from = to_name_address(sip.sip_from->a_display, *sip.sip_from->a_url);
  event.proven = proven_identities(request);
  event.expires = expires_of(sip);
  event.call_id = sip.sip_call_id->i_id;
  event.source = request.flow.source.to_string();
  event.is_from_trusted_peer = trusts(request.flow.source);
  auto user = user_beginning(request, event.proven);
  std::string account = focus::account_of(event).name;
  if (!dialog && has_too_many_dialogs(account, Use::any)) {
    return refuse(std::move(request), {403, "", "", "max_dialogs of one source"});
  }

  ServerRequest& kept = keep(std::move(request.irq));
  kept.dialog = dialog;
  kept.local = request.flow.local;
  kept.beginner = {std::move(account), std::move(user)};
  kept.subscription = event.subscription;
  kept.target_refresh = true;
  if (dialog && !event.is_refresh) {
    // It exists from now on, so that the next SUBSCRIBE in this dialog is one to the same subscription.
    kept.makes_subscription = true;
    EventSubscription fresh;
    fresh.id = event.subscription;
    fresh.package = Package::conference;
    fresh.dialog = dialog;
    fresh.event_id = event_id;
    dialog->subscriptions.push_back(fresh.id);
    subscriptions_.emplace(fresh.id, std::move(fresh));
  }
  event.request = kept.id;
  post_(std::move(event));
}

void Endpoint::execute(const focus::command::AcceptSubscribe& command) {
  const Loop::Use use(loop_);
  ServerRequest* found = request(command.request);
  if (found == nullptr || found->final_sent || found->method != sip_method_subscribe) {
    return ignored("AcceptSubscribe", "the request is answered or gone");
  }
  nta_incoming_t* irq = found->irq.get();
  if (!found->dialog) {
    const MessageHandle message(nta_incoming_getrequest(irq));
    const sip_t* sip = sip_object(message.get());
    found->dialog = make_dialog(irq, *sip, flow_of(irq), std::move(found->beginner));
    if (!found->dialog) {
      reply(irq, 500, "", "");
      post_(focus::event::NotifyAnswered{command.subscription, 481});
      return finish_response(*found, 500);
    }
    EventSubscription fresh;
    fresh.id = command.subscription;
    fresh.package = Package::conference;
    fresh.dialog = found->dialog;
    fresh.event_id = text_or_empty(sip->sip_event->o_id);
    found->dialog->subscriptions.push_back(fresh.id);
    subscriptions_.emplace(fresh.id, std::move(fresh));
  }
  take_conference(*found, command.contact);
  EventSubscription* accepted = subscription(command.subscription);
  if (accepted != nullptr) accepted->contact = command.contact;
  const bool is_built = reply(irq, 200, "", "Expires: " + std::to_string(command.expires.count()) + "\r\n",
                              contact_text(*found->dialog, command.contact));
  if (!is_built) post_(focus::event::NotifyAnswered{command.subscription, 481});
  finish_response(*found, is_built ? 200 : 500);
}

void Endpoint::execute(const focus::command::NotifyConference& command) {
  const Loop::Use use(loop_);
  EventSubscription* found = subscription(command.subscription);
  if (found == nullptr) return ignored("NotifyConference", "the subscription is gone");
  notify(*found, {command.state, command.document, command.terminated});
}

void Endpoint::execute(const focus::command::NotifyRefer& command) {
  const Loop::Use use(loop_);
  EventSubscription* found = subscription(command.subscription);
  if (found == nullptr || found->told.terminated) return ignored("NotifyRefer", "the subscription is gone");
  std::string phrase = command.phrase;
  if (phrase.empty()) {
    const char* standard = sip_status_phrase(command.status);
    phrase = standard != nullptr ? standard : "Unknown";
  }
  found->told = {command.terminated ? "terminated;reason=noresource" : active_state(*found),
                 "SIP/2.0 " + std::to_string(command.status) + ' ' + one_line(phrase) + "\r\n", command.terminated};
  notify(*found, found->told);
}

void Endpoint::execute(const focus::command::ForgetSubscription& command) {
  const Loop::Use use(loop_);
  drop_subscription(command.subscription);
}

void Endpoint::notify(EventSubscription& one, EventSubscription::Notification notification) {
  if (one.notifying) {
    one.waiting = std::move(notification);
    return;
  }
  one.notifying = true;
  pacer_.enqueue(true, [this, id = one.id, notification = std::move(notification)]() mutable {
    EventSubscription* found = subscription(id);
    if (found == nullptr) return;
    const bool is_refer = found->package == Package::refer;
    Outgoing request{
        SIP_METHOD_NOTIFY, "", "", "", is_refer ? "message/sipfrag;version=2.0" : conference_info_type, "", false};
    request.headers = "Event: " + found->event() + "\r\nSubscription-State: " + notification.state + "\r\n";
    request.body = std::move(notification.body);
    if (found->contact) request.contact = contact_text(*found->dialog, *found->contact);
    send(found->dialog, std::move(request), [this, id, last = notification.terminated](const Answered& answered) {
      EventSubscription* told = subscription(id);
      if (told == nullptr) return;
      told->notifying = false;
      const bool gone = last || answered.status == 481 || answered.status == 408;
      post_(focus::event::NotifyAnswered{id, answered.status});
      if (gone) {
        drop_subscription(id);
      } else if (told->waiting) {
        notify(*told, *std::exchange(told->waiting, std::nullopt));
      }
    });
  });
}

void Endpoint::drop_subscription(base::SubscriptionId id) {
  const auto found = subscriptions_.find(id);
  if (found == subscriptions_.end()) return;
  const std::shared_ptr<Dialog> dialog = found->second.dialog;
  std::erase(dialog->subscriptions, id);
  subscriptions_.erase(found);
}

EventSubscription* Endpoint::subscription(base::SubscriptionId id) {
  const auto found = subscriptions_.find(id);
  return found == subscriptions_.end() ? nullptr : &found->second;
}

}  // namespace clued::sip
