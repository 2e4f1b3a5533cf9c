// Endpoint: the core's commands. One for something that is gone is no error: the event that says so is queued.
#include "sip/endpoint.hpp"
#include "sip/session_timer.hpp"

namespace clued::sip {

namespace {

bool is_one_line(std::string_view text) {
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
  }
  return true;
}

std::optional<std::chrono::seconds> retry_after_of(const sip_t& sip) {
  if (sip.sip_retry_after == nullptr) return std::nullopt;
  return std::chrono::seconds(sip.sip_retry_after->af_delta);
}

}  // namespace

void Endpoint::execute(const focus::command::Respond& command) {
  const Loop::Use use(loop_);
  ServerRequest* found = request(command.request);
  if (found == nullptr || found->final_sent) return ignored("Respond", "the request is answered or gone");
  if (command.status < 100 || command.status > 699) return ignored("Respond", "no such status");
  const bool sent = send_response(*found, command);
  if (!sent && nta_incoming_status(found->irq.get()) < 200) return fail_response(*found, command.status);
  if (command.status < 200) return;
  // A final response that cannot be sent is the library's to retry; a 2xx then counts as not acknowledged.
  if (!sent) ignored("Respond", "the response could not be sent at once");
  finish_response(*found, command.status);
}

void Endpoint::execute(const focus::command::AcceptRefer& command) {
  const Loop::Use use(loop_);
  ServerRequest* found = request(command.request);
  if (found == nullptr || found->final_sent || found->method != sip_method_refer) {
    return ignored("AcceptRefer", "the request is answered or gone");
  }
  nta_incoming_t* irq = found->irq.get();
  if (command.subscribe && !found->dialog) {
    const MessageHandle message(nta_incoming_getrequest(irq));
    found->dialog = make_dialog(irq, *sip_object(message.get()), flow_of(irq), std::move(found->beginner));
    if (found->dialog) ++found->dialog->refers;
  }
  take_conference(*found, command.contact);
  std::string headers;
  std::string contact;
  if (command.contact) {
    contact =
        found->dialog ? contact_text(*found->dialog, *command.contact) : contact_text(found->local, *command.contact);
  }
  if (found->asks_for_refer_sub) headers += command.subscribe ? "Refer-Sub: true\r\n" : "Refer-Sub: false\r\n";
  reply(irq, command.status, "", headers, contact);
  if (command.subscribe && found->dialog) {
    EventSubscription subscription;
    subscription.id = found->subscription;
    subscription.dialog = found->dialog;
    subscription.event_id = std::to_string(nta_incoming_cseq(irq));
    subscription.first = found->dialog->refers == 1;
    subscription.contact = command.contact;
    found->dialog->subscriptions.push_back(subscription.id);
    auto& kept = subscriptions_.emplace(subscription.id, std::move(subscription)).first->second;
    expire_after(kept, settings_.refer_expires);
  }
  finish_response(*found, command.status);
}

void Endpoint::execute(const focus::command::SendReinvite& command) {
  const Loop::Use use(loop_);
  const InviteUsage* invite = usage(command.dialog);
  if (invite == nullptr) return ignored("SendReinvite", "the dialog is gone");
  if (command.fork) return offer_early(command);
  pacer_.enqueue(false, [this, command] {
    const InviteUsage* found = usage(command.dialog);
    if (found == nullptr || found->state == InviteUsage::State::leaving) {
      return ignored("SendReinvite", "the dialog is gone or ending");
    }
    send(found->dialog, offer_of(*found->dialog, command),
         [this, id = command.dialog](const Answered& answered) { offer_answered(id, answered); });
  });
}

Outgoing Endpoint::offer_of(const Dialog& dialog, const focus::command::SendReinvite& command) const {
  Outgoing request{SIP_METHOD_INVITE,
                   contact_text(dialog, command.contact),
                   session_timer_request(command.session_timer),
                   "",
                   "application/sdp",
                   command.sdp,
                   true};
  request.preconditions = command.preconditions;
  return request;
}

void Endpoint::offer_answered(base::DialogId id, const Answered& answered) {
  if (usage(id) == nullptr) return;
  focus::event::ReinviteAnswered event;
  event.dialog = id;
  event.status = answered.status;
  if (answered.message != nullptr) {
    if (answered.message->sip_status != nullptr) {
      event.phrase = text_or_empty(answered.message->sip_status->st_phrase);
    }
    event.sdp = session_of(body_of(*answered.message)).sdp;
    event.retry_after = retry_after_of(*answered.message);
    event.session_timer = session_timer_of(*answered.message);
  }
  post_(std::move(event));
}

void Endpoint::execute(const focus::command::SendUpdate& command) {
  const Loop::Use use(loop_);
  pacer_.enqueue(false, [this, id = command.dialog, contact = command.contact,
                         timer = session_timer_request(command.session_timer)] {
    const InviteUsage* found = usage(id);
    if (found == nullptr || found->state == InviteUsage::State::leaving) {
      return ignored("SendUpdate", "the dialog is gone or ending");
    }
    Outgoing request{SIP_METHOD_UPDATE, contact_text(*found->dialog, contact), timer, "", "", "", true};
    send(found->dialog, std::move(request), [this, id](const Answered& answered) {
      if (usage(id) == nullptr) return;
      focus::event::UpdateAnswered event{id, answered.status, {}, {}};
      if (answered.message != nullptr) {
        event.retry_after = retry_after_of(*answered.message);
        event.session_timer = session_timer_of(*answered.message);
      }
      post_(std::move(event));
    });
  });
}

void Endpoint::execute(const focus::command::SendBye& command) {
  const Loop::Use use(loop_);
  InviteUsage* invite = usage(command.dialog);
  if (invite == nullptr) return ignored("SendBye", "the dialog is gone");
  if (invite->state == InviteUsage::State::leaving) return ignored("SendBye", "the dialog is ending");
  // RFC 3261 section 15: the callee's side must not BYE before it has the ACK. The core does not; this is a guard.
  if (invite->state != InviteUsage::State::confirmed) return ignored("SendBye", "the dialog is not confirmed");
  invite->state = InviteUsage::State::leaving;
  close_open_requests(*invite);
  std::string referred_by;
  if (!command.referred_by.empty() && is_one_line(command.referred_by)) {
    referred_by = "Referred-By: " + command.referred_by;
  }
  pacer_.enqueue(true, [this, id = command.dialog, headers = reason_header(command.reason), referred_by] {
    const InviteUsage* found = usage(id);
    if (found == nullptr) return;
    send(found->dialog, {SIP_METHOD_BYE, "", headers, referred_by, "", "", false},
         [this, id](const Answered& answered) { end_usage(id, answered.status); });
  });
}

}  // namespace clued::sip
