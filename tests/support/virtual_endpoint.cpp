#include "virtual_endpoint.hpp"

#include <algorithm>
#include <stdexcept>

#include "base/overloaded.hpp"
#include "sdp/data_channel.hpp"
#include "sdp/session_description.hpp"
#include "virtual_world.hpp"

namespace clued::testing {

using namespace focus;

namespace {

constexpr const char* fingerprint =
    "sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

constexpr std::string_view another_line = "m=audio 6500 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=mid:another\r\n";

SipUri uri_of(const std::string& user, const std::string& host) {
  SipUri uri;
  uri.user = user;
  uri.host = host;
  return uri;
}

}  // namespace

VirtualEndpoint::VirtualEndpoint(VirtualWorld& world, std::string name, EndpointTraits own_traits)
    : traits(std::move(own_traits)), world_(world), name_(std::move(name)) {}

std::string VirtualEndpoint::make_offer() const {
  std::string sdp = "v=0\r\no=" + name_ + " 1 " + std::to_string(version_) +
                    " IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
  if (traits.telepresence) sdp += "a=group:CLUE 2\r\n";
  const std::string profile = traits.encrypted ? "UDP/TLS/RTP/SAVPF" : "RTP/AVP";
  sdp += "m=audio 6000 " + profile + " 0\r\na=rtpmap:0 PCMU/8000\r\na=mid:0\r\n" + precondition_lines(false);
  sdp += "m=video 6002 " + profile + " 96\r\na=rtpmap:96 H264/90000\r\na=mid:1\r\n" + precondition_lines(false);
  if (traits.telepresence) {
    sdp += "m=application 6100 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:2\r\na=sctp-port:5000\r\n";
    sdp +=
        "a=dcmap:0 subprotocol=\"CLUE\";ordered=true\r\na=setup:actpass\r\na=fingerprint:" + std::string(fingerprint) +
        "\r\na=tls-id:abcdefghijklmnopqrst\r\na=ice-ufrag:uf" + name_ + "\r\na=ice-pwd:" + traits.ice_pwd +
        "\r\na=candidate:1 1 UDP 2130706431 127.0.0.1 6100 typ host\r\n";
    if (traits.max_message_size) sdp += "a=max-message-size:" + std::to_string(*traits.max_message_size) + "\r\n";
  }
  return sdp;
}

void VirtualEndpoint::invite(const std::string& uri_user) {
  invite_with(traits.offerless ? std::string() : make_offer(), uri_user);
}

void VirtualEndpoint::replace(const VirtualEndpoint& other, bool early_only, const std::string& uri_user) {
  replaces_ = Replaces{other.dialog(), early_only};
  invite(uri_user.empty() ? world_.conference() : uri_user);
}

void VirtualEndpoint::replace_with(std::string sdp, const VirtualEndpoint& other) {
  replaces_ = Replaces{other.dialog(), false};
  invite_with(std::move(sdp), world_.conference());
}

void VirtualEndpoint::invite_with(std::string sdp, const std::string& uri_user) {
  dialog_ = world_.dialog_ids_.next();
  world_.dialogs_.emplace(dialog_, this);
  event::InviteReceived invite;
  invite.request = invite_request_ = world_.next_request(this);
  invite.dialog = dialog_;
  invite.call_id = "call-" + name_ + "-" + std::to_string(dialog_.value());
  invite.request_uri = uri_of(uri_user, "focus.example.net");
  invite.from.uri = uri_of(user(), traits.host);
  invite.from.display_name = name_;
  invite.proven = proven();
  invite.contact.uri = uri_of(name_, "127.0.0.1");
  invite.contact.telepresence = traits.telepresence;
  invite.contact.instance = traits.instance;
  invite.privacy.id = traits.is_private;
  invite.supports_100rel = traits.supports_100rel;
  invite.supports_preconditions = traits.resources != EndpointTraits::Resources::not_said;
  invite.allows_update = traits.allows_update;
  invite.session_timer = traits.session_timer;
  if (!sdp.empty()) invite.sdp = std::move(sdp);
  invite.replaces = std::exchange(replaces_, std::nullopt);
  invite.recipient_list = traits.recipient_list;
  invite.source = traits.source;
  invite.is_from_trusted_peer = traits.asserted;
  world_.post(std::move(invite));
}

ProvenIdentities VirtualEndpoint::proven() const {
  ProvenIdentities proven;
  if (traits.asserted) proven.add({name_, uri_of(user(), traits.host)});
  if (!traits.number.empty()) proven.add({name_, {"tel", traits.number, "", 0, {}}});
  return proven;
}

void VirtualEndpoint::move_to(PeerContact contact) { world_.post(event::TargetRefreshed{dialog_, std::move(contact)}); }

void VirtualEndpoint::cancel() { world_.post(event::CancelReceived{dialog_}); }

void VirtualEndpoint::ack() {
  event::AckReceived ack{dialog_};
  if (traits.offerless && !confirmed_) ack.sdp = make_answer(answer_);
  confirmed_ = true;
  world_.post(std::move(ack));
}

void VirtualEndpoint::prack() { world_.post(event::PrackReceived{dialog_}); }

void VirtualEndpoint::bye() {
  world_.post(event::ByeReceived{dialog_, ""});
  // sip/ answers it with 487 (END-01); what the core says of it meanwhile comes too late.
  if (world_.requests_.erase(invite_request_) != 0) world_.closed_requests_.insert(invite_request_);
  world_.end_dialog(*this, 0);
}

void VirtualEndpoint::reinvite() {
  ++version_;
  event::ReinviteReceived reinvite;
  reinvite.request = world_.next_request(this);
  reinvite.dialog = dialog_;
  // The same lines as in the last exchange, whoever offered: a session timer's refresh.
  reinvite.sdp = offers_.empty() ? make_offer() : make_answer(offers_.back());
  world_.post(std::move(reinvite));
}

void VirtualEndpoint::hold(const std::string& how) {
  ++version_;
  event::ReinviteReceived reinvite;
  reinvite.request = world_.next_request(this);
  reinvite.dialog = dialog_;
  auto offer = *sdp::parse(offers_.empty() ? make_offer() : make_answer(offers_.back()));
  if (how == "0.0.0.0") {
    offer.connection->address = how;
  } else {
    for (auto& line : offer.media) {
      if (sdp::is_data_channel(line) || !line.is_enabled()) continue;
      const auto said = offer.direction_of(line);
      const bool only_receives = said == sdp::Direction::recvonly || said == sdp::Direction::inactive;
      std::erase_if(line.attributes, [](const auto& attribute) {
        return attribute.name == "sendonly" || attribute.name == "recvonly" || attribute.name == "sendrecv";
      });
      const auto back = said == sdp::Direction::sendrecv ? "sendrecv" : only_receives ? "recvonly" : "sendonly";
      line.attributes.push_back({how == "sendrecv" ? back : only_receives ? "inactive" : how, {}});
    }
  }
  reinvite.sdp = sdp::serialize(offer);
  world_.post(std::move(reinvite));
}

void VirtualEndpoint::reinvite_with_another_line() {
  reinvite_with((offers_.empty() ? make_offer() : make_answer(offers_.back())) + std::string(another_line));
}

void VirtualEndpoint::reinvite_without_channel() {
  auto offer = *sdp::parse(offers_.empty() ? make_offer() : make_answer(offers_.back()));
  std::erase_if(offer.attributes, [](const auto& attribute) { return attribute.name == "group"; });
  for (auto& line : offer.media) {
    if (sdp::is_data_channel(line)) line.port = 0;
  }
  reinvite_with(sdp::serialize(offer) + std::string(another_line));
}

void VirtualEndpoint::update(focus::SessionTimerFields session_timer) {
  event::ReinviteReceived update;
  update.request = world_.next_request(this);
  later_requests_.insert(update.request);
  update.dialog = dialog_;
  update.is_update = true;
  update.session_timer = session_timer;
  world_.post(std::move(update));
}

void VirtualEndpoint::reinvite_with(std::string sdp) {
  event::ReinviteReceived reinvite;
  reinvite.request = world_.next_request(this);
  reinvite.dialog = dialog_;
  reinvite.sdp = std::move(sdp);
  world_.post(std::move(reinvite));
}

void VirtualEndpoint::reinvite_with_direction(const std::string& direction) {
  ++version_;
  event::ReinviteReceived reinvite;
  reinvite.request = world_.next_request(this);
  reinvite.dialog = dialog_;
  std::string sdp = make_offer();
  sdp.insert(sdp.find("t=0 0\r\n") + 7, "a=" + direction + "\r\n");
  reinvite.sdp = std::move(sdp);
  world_.post(std::move(reinvite));
}

void VirtualEndpoint::forget_dialog() {
  world_.dialogs_.erase(dialog_);
  over_ = true;
}

void VirtualEndpoint::refer_bye(const VirtualEndpoint& target, bool in_dialog) {
  auto uri = uri_of(target.user(), target.traits.host);
  if (!target.traits.instance.empty()) uri.params.emplace_back("gr", target.traits.instance);
  refer(uri, "BYE", in_dialog);
}

void VirtualEndpoint::refer(const SipUri& target, const std::string& method, bool in_dialog, bool names_dialog) {
  const std::optional<focus::DialogId> own = dialog_;
  post_refer(target, method, in_dialog ? own : std::nullopt, !in_dialog && names_dialog ? own : std::nullopt);
}

void VirtualEndpoint::refer_in_the_name_of(const VirtualEndpoint& other, const SipUri& target,
                                           const std::string& method) {
  post_refer(target, method, std::nullopt, other.dialog_);
}

void VirtualEndpoint::post_refer(const SipUri& target, const std::string& method, std::optional<focus::DialogId> dialog,
                                 std::optional<focus::DialogId> target_dialog) {
  event::ReferReceived refer;
  refer.request = world_.next_request(this);
  refer.subscription = world_.subscription_ids_.next();
  refer.dialog = dialog;
  refer.target_dialog = target_dialog;
  refer.request_uri = uri_of(contact_user_.empty() ? world_.conference() : contact_user_, "focus.example.net");
  refer.from.uri = uri_of(user(), traits.host);
  refer.proven = proven();
  refer.contact.telepresence = traits.telepresence;
  refer.refer_to.uri = target;
  refer.refer_to.method = method;
  refer.referred_by = "<" + aor() + ">";
  refer.call_id = "refer-" + name_;
  refer.source = traits.source;
  refer.is_from_trusted_peer = traits.asserted;
  world_.post(std::move(refer));
}

void VirtualEndpoint::receive_response(const command::Respond& response) {
  responses_.push_back(response.status);
  last_response_ = response;
  if (response.contact) contact_user_ = response.contact->user;
  if (response.sdp) answer_ = *response.sdp;
  if (response.session_timer) session_timers_.push_back(*response.session_timer);
  history_.push_back(std::to_string(response.status));
  if (later_requests_.erase(response.request) != 0) return;
  if (response.status >= 300) {
    if (!confirmed_) world_.end_dialog(*this, 0);
    return;
  }
  if (response.status == 183 && !traits.holds_prack) send_prack();
  if (response.status == 200 && !traits.holds_ack) send_ack();
}

// After 64*T1 the focus is told that it did not come (RFC 3261 section 13.3.1.4, RFC 3262 section 3).
void VirtualEndpoint::send_ack() {
  if (!traits.loses_ack) return ack();
  world_.later(std::chrono::seconds(32), [this, dialog = dialog_] {
    if (over_ || dialog_ != dialog) return;
    confirmed_ = true;
    world_.post(event::AckTimedOut{dialog_});
  });
}

void VirtualEndpoint::send_prack() {
  if (!traits.loses_prack) return prack();
  world_.later(std::chrono::seconds(32), [this, dialog = dialog_] {
    if (!over_ && dialog_ == dialog && last_response_.status == 183) world_.post(event::PrackTimedOut{dialog_});
  });
}

void VirtualEndpoint::receive_reinvite(const command::SendReinvite& reinvite) {
  history_.emplace_back(reinvite.fork ? "update" : "reinvite");
  offers_.push_back(reinvite.sdp);
  pending_offer_ = reinvite.sdp;
  pending_timer_ = reinvite.session_timer;
  if (!traits.sip_frozen) answer_reinvite();
}

void VirtualEndpoint::receive_update(const command::SendUpdate& update) {
  history_.emplace_back("update");
  updates_.push_back(update.session_timer);
  if (traits.sip_frozen) return;
  event::UpdateAnswered answered{dialog_, 200, {}, traits.says_of_timer.value_or(update.session_timer)};
  if (traits.refuses_update) {
    answered.status = *traits.refuses_update;
    answered.retry_after = traits.retry_after;
  }
  if (traits.min_expires && update.session_timer.expires < *traits.min_expires) {
    answered.status = 422;
    answered.session_timer.min_expires = *traits.min_expires;
  }
  world_.post(std::move(answered));
}

void VirtualEndpoint::answer_reinvite() {
  event::ReinviteAnswered answered{dialog_};
  if (traits.refuses_reinvite) {
    answered.status = *traits.refuses_reinvite;
    answered.phrase = "as the test wants";
    answered.retry_after = traits.retry_after;
    answered.session_timer = traits.says_of_timer.value_or(focus::SessionTimerFields{});
  } else {
    answered.status = 200;
    answered.sdp = make_answer(pending_offer_);
    answered.session_timer = traits.says_of_timer.value_or(pending_timer_);
  }
  world_.offers_outstanding_.erase(dialog_);
  world_.post(std::move(answered));
  select();
}

// Mirrors every line: what is sent to it, it receives; where it may send, it brings its own encodings by label.
std::string VirtualEndpoint::make_answer(const std::string& offer) {
  auto session = sdp::parse(offer);
  if (!session) throw std::logic_error("the focus sent SDP that cannot be read: " + session.error().reason);
  auto answer = *session;
  answer.origin.username = name_;
  answer.origin.session_id = "1";
  answer.origin.session_version = ++version_;
  unsigned videos = 0, audios = 0;
  for (auto& line : answer.media) {
    if (!line.is_enabled()) continue;
    if (sdp::is_data_channel(line)) {
      for (auto& attribute : line.attributes) {
        if (attribute.name == "setup") attribute.value = "active";
        if (attribute.name == "ice-ufrag") attribute.value = "uf" + name_;
        if (attribute.name == "ice-pwd") attribute.value = traits.ice_pwd;
        if (attribute.name == "tls-id") attribute.value = "abcdefghijklmnopqrst";
      }
      if (traits.brief_about_channel) {
        std::erase_if(line.attributes, [](const auto& attribute) {
          return attribute.name == "fingerprint" || attribute.name == "ice-ufrag" || attribute.name == "ice-pwd";
        });
      }
      continue;
    }
    line.port = 6000;
    const auto offered = session->direction_of(line);
    std::erase_if(line.attributes, [](const auto& attribute) {
      return attribute.name == "sendonly" || attribute.name == "recvonly" || attribute.name == "label" ||
             attribute.name == "curr" || attribute.name == "des" || attribute.name == "conf";
    });
    append_preconditions(line);
    if (offered == sdp::Direction::sendonly) line.attributes.push_back({"recvonly", {}});
    if (offered == sdp::Direction::recvonly) {
      line.attributes.push_back({"sendonly", {}});
      const bool video = line.media == "video";
      const auto number = video ? ++videos : ++audios;
      line.attributes.push_back({"label", (video ? "ev" : "ea") + std::to_string(number)});
    }
  }
  return sdp::serialize(answer);
}

void VirtualEndpoint::receive_bye(const command::SendBye& bye) {
  bye_ = bye;
  history_.emplace_back("bye");
}

}  // namespace clued::testing
