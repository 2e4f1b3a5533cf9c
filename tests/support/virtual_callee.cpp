// An endpoint that the focus calls.
#include "virtual_endpoint.hpp"
#include "virtual_world.hpp"

namespace clued::testing {

using namespace focus;

void VirtualEndpoint::receive_invite(const command::SendInvite& invite) {
  dialog_ = invite.dialog;
  bye_.reset();
  over_ = confirmed_ = progressed_ = answered_ = cancelled_ = false;
  invites_.push_back(invite);
  history_.emplace_back("invite");
  contact_user_ = invite.contact.user;
  pending_offer_ = invite.sdp;
  if (traits.called == EndpointTraits::Called::is_silent) return;
  ring(100);
  if (invite.recipient_history && traits.refuses_history) return refuse_call(*traits.refuses_history);
  const bool has_clue = invite.sdp.find("UDP/DTLS/SCTP") != std::string::npos;
  if (has_clue && traits.refuses_clue) return refuse_call(*traits.refuses_clue);
  if (traits.refuses_call) return refuse_call(*traits.refuses_call);
  if (traits.requires_preconditions && !invite.preconditions) return refuse_call(421);
  if (!traits.redirects.empty()) return refuse_call(302);
  if (traits.early_answer) {
    event::InviteProgressed progress{dialog_, 183, "Session Progress", true, "a", make_answer(pending_offer_)};
    world_.post(std::move(progress));
  }
  ring(180);
  if (traits.called == EndpointTraits::Called::answers) answer_call();
}

void VirtualEndpoint::ring(int status) {
  progressed_ = true;
  world_.post(event::InviteProgressed{dialog_, status, status == 100 ? "Trying" : "Ringing", false, "a", {}});
}

void VirtualEndpoint::answer_call(const std::string& fork) {
  if (answered_) return;
  answered_ = confirmed_ = true;
  event::InviteAnswered answered;
  answered.dialog = dialog_;
  answered.status = 200;
  answered.phrase = "OK";
  answered.fork = fork;
  const bool sees_offer = !traits.overlooks_history_offer || !invites_.back().recipient_history;
  if (sees_offer && (!traits.early_answer || fork != "a")) answered.sdp = make_answer(pending_offer_);
  answered.contact.uri.user = name_;
  answered.contact.uri.host = "127.0.0.1";
  answered.contact.telepresence = traits.telepresence;
  answered.allows_update = traits.allows_update;
  if (traits.says_of_timer) answered.session_timer = *traits.says_of_timer;
  world_.post(std::move(answered));
}

void VirtualEndpoint::refuse_call(int status) {
  if (answered_) return;
  answered_ = true;
  event::InviteAnswered answered;
  answered.dialog = dialog_;
  answered.status = status;
  answered.phrase = "as the test wants";
  answered.requires_preconditions = status == 421 && traits.requires_preconditions;
  if (status == 580) {
    answered.sdp =
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 0 RTP/AVP 0\r\na=des:qos failure local sendrecv\r\n";
  }
  if (status == 302) {
    for (const auto& user : traits.redirects) {
      SipUri uri;
      uri.user = user;
      uri.host = "elsewhere.example.net";
      answered.alternatives.push_back(std::move(uri));
    }
  }
  world_.post(std::move(answered));
  world_.end_dialog(*this, 0);
}

void VirtualEndpoint::receive_cancel(const command::SendCancel& cancel) {
  if (cancel.dialog != dialog_) return;
  if (!progressed_) world_.violate("CANCEL before a provisional response");
  if (std::exchange(cancelled_, true)) world_.violate("second CANCEL");
  history_.emplace_back("cancel");
  if (!answered_) refuse_call(487);
}

void VirtualEndpoint::refer_invite(const std::string& user, std::vector<std::pair<std::string, std::string>> headers) {
  ReferTarget target;
  target.uri.user = user;
  target.uri.host = traits.host;
  target.headers = std::move(headers);
  refer_invite_to(std::move(target));
}

void VirtualEndpoint::refer_invite_to(ReferTarget target) {
  event::ReferReceived refer;
  refer.request = world_.next_request(this);
  refer.subscription = world_.subscription_ids_.next();
  refer.dialog = dialog_;
  refer.request_uri.user = contact_user_;
  refer.request_uri.host = "focus.example.net";
  refer.from.uri.user = name_;
  refer.from.uri.host = traits.host;
  refer.contact.telepresence = traits.telepresence;
  refer.refer_to = std::move(target);
  refer.referred_by = "<" + aor() + ">";
  refer.call_id = "refer-" + name_;
  refer.source = traits.source;
  refer.is_from_trusted_peer = traits.asserted;
  world_.post(std::move(refer));
}

}  // namespace clued::testing
