// What the fuzzer does with what comes from the daemon.
#include <algorithm>
#include <cstdlib>
#include <functional>

#include "fuzz_process/digest_answer.hpp"
#include "fuzz_process/mutation.hpp"
#include "fuzz_process/sip_fuzzer.hpp"

namespace clued::fuzz {

namespace {

constexpr std::size_t most_conferences = 20;

/// Refusals of which each leads elsewhere in somebody who called.
constexpr int refusals[] = {301, 302, 305, 380, 400, 401, 403, 404, 407, 408, 413, 415, 420, 421, 422, 423, 480,
                            481, 483, 486, 487, 488, 489, 491, 493, 500, 501, 503, 504, 513, 580, 600, 603, 606};

/// The same on every run: by what the request is and not by when it came.
std::uint64_t fingerprint(std::uint64_t number, const bench::SipMessage& message) {
  const auto kind = std::string(message.is_request() ? message.method : std::string(message.cseq_method()));
  std::uint64_t sum = static_cast<std::uint64_t>(message.status) * 31 + message.cseq();
  for (const char c : kind) sum = mixed(sum, static_cast<unsigned char>(c));
  return mixed(number, sum);
}

/// c1234 in the user part of the Request-URI of a call of the daemon: what asked for it.
std::uint64_t number_of_callee(const std::string& uri) {
  const auto at = uri.find("sip:c");
  return at == std::string::npos ? 0 : std::strtoull(uri.c_str() + at + 5, nullptr, 10);
}

std::vector<std::string> record_routes(const bench::SipMessage& message) {
  std::vector<std::string> routes;
  for (const auto& [name, value] : message.headers) {
    if (name == "Record-Route") routes.push_back(value);
  }
  return routes;
}

}  // namespace

void SipFuzzer::received(const std::string& text, Way way) {
  const auto message = bench::parse_sip(text);
  if (!message) return;
  Call* call = find(std::string(message->header("Call-ID")));
  if (quiet_) {
    if (message->is_request()) refuse_quietly(*message, way);
    return;
  }
  if (!message->is_request()) {
    if (call == nullptr) return;
    Random random(mixed(seed_, fingerprint(call->number, *message)));
    return on_response(*call, *message, random);
  }
  if (call == nullptr && message->method == "INVITE") call = called(*message, way);
  if (call != nullptr) call->last_request = text;
  Random random(mixed(seed_, fingerprint(call != nullptr ? call->number : 0, *message)));
  on_request(call, *message, way, random);
}

Call* SipFuzzer::called(const Message& request, Way way) {
  Random random(0);
  const auto number = number_of_callee(request.target);
  Call& call = add_call(number, random);
  auto taken = std::move(calls_[call.call_id]);
  calls_.erase(call.call_id);
  taken->by_us = false;
  taken->way = way;
  taken->call_id = request.header("Call-ID");
  taken->peer_tag = Message::tag_of(request.header("From"));
  taken->peer_uri = taken->target = request.contact();
  taken->own_uri = request.target;
  auto& place = calls_[taken->call_id];
  place = std::move(taken);
  return place.get();
}

void SipFuzzer::on_response(Call& call, const Message& response, Random& random) {
  const auto method = response.cseq_method();
  if (call.peer_tag.empty() && response.status > 100) call.peer_tag = Message::tag_of(response.header("To"));
  if (method == "INVITE") return on_invite_answered(call, response, random);
  if (response.status == 401 && answer_challenge(call, response)) return;
  // A 481 may be owed to a spoiled tag: the call itself goes on until we end it.
  if (method == "SUBSCRIBE" && response.status < 300) {
    call.confirmed = true;
  } else if (method == "UPDATE" && response.status < 300) {
    note_ports(call, response.body);
  } else if (call.kind == Call::Kind::subscription && response.status >= 300) {
    forget(call.call_id);
  }
}

void SipFuzzer::on_invite_answered(Call& call, const Message& response, Random& random) {
  if (!response.body.empty()) note_ports(call, response.body);
  if (call.channel != nullptr && !response.body.empty()) call.channel->read_answer(response.body);
  if (response.status < 200) {
    call.rseq = response.header("RSeq");
    if (call.rseq.empty() || !random.chance(75)) return;
    auto prack = request(call, "PRACK", ++call.cseq, next_branch());
    prack.add("RAck", call.rseq + " " + std::string(response.header("CSeq")));
    return send(call.way, prack, random);
  }
  const bool accepted = response.status < 300;
  if (accepted) {
    if (!response.contact().empty()) call.target = response.contact();
    call.routes = record_routes(response);
    std::reverse(call.routes.begin(), call.routes.end());
    if (!call.confirmed && response.header("Contact").find("isfocus") != std::string_view::npos) {
      conferences_.push_back(call.target);
      if (conferences_.size() > most_conferences) conferences_.pop_front();
    }
    call.confirmed = true;
  }
  if (random.chance(accepted ? 88 : 95)) {
    auto ack = request(call, "ACK", response.cseq(), next_branch());
    // That of a refusal belongs to the INVITE's transaction (RFC 3261 section 17.1.1.3).
    if (!accepted) ack.headers.front().second = call.invite_via;
    if (accepted && call.offer.empty() && !response.body.empty() && random.chance(90)) {
      ack.body = {"application/sdp", answer_to(random, response.body, ways_.udp_ports().front())};
    }
    ways_.send(call.way, ack.text(), random);
    if (accepted && call.channel != nullptr) call.channel->session_changed();
  }
  if (accepted || call.confirmed) return;
  if (response.status == 401 && answer_challenge(call, response)) return;
  forget(call.call_id);
}

bool SipFuzzer::answer_challenge(Call& call, const Message& response) {
  const auto challenge = response.header("WWW-Authenticate");
  const std::string method(response.cseq_method());
  Random random(mixed(seed_, fingerprint(call.number, response) + 1));
  // Once, and of the methods that begin something only.
  if (challenge.empty() || call.cseq > 3 || (method != "INVITE" && method != "SUBSCRIBE") || random.chance(10))
    return false;
  call.peer_tag.clear();
  Draft draft;
  if (method == "INVITE") {
    draft = invite(call, random);
  } else {
    draft = request(call, method, ++call.cseq, next_branch());
    draft.add("Event", "conference");
    draft.add("Contact", "<sip:u@127.0.0.1:" + std::to_string(ways_.udp_ports().front()) + ">");
  }
  draft.add("Authorization",
            digest_answer(challenge, "alice", random.chance(95) ? "secret" : "wrong", method, call.target));
  send(call.way, draft, random);
  return true;
}

void SipFuzzer::on_request(Call* call, const Message& request, Way way, Random& random) {
  if (request.method == "ACK") {
    if (call != nullptr && call->channel != nullptr) call->channel->session_changed();
    return;
  }
  if (random.chance(5)) return;  // never answered
  if (request.method == "CANCEL") {
    respond(request, way, 200, random, call);
    if (call == nullptr) return;
    auto refused = request;
    refused.method = "INVITE";
    for (auto& [name, value] : refused.headers) {
      if (name == "CSeq") value = std::to_string(request.cseq()) + " INVITE";
    }
    if (random.chance(90)) respond(refused, way, 487, random, call);
    return forget(call->call_id);
  }
  if (request.method == "INVITE" && call != nullptr) return on_invite(*call, request, way, random);
  if (call == nullptr && !random.chance(20)) return refuse_quietly(request, way);
  const bool accepted = random.chance(88);
  Body body;
  if (request.method == "UPDATE" && !request.body.empty()) {
    body = {"application/sdp", answer_to(random, request.body, ways_.udp_ports().front())};
  }
  respond(request, way, accepted ? 200 : random.pick(refusals), random, call, std::move(body));
  if (request.method == "BYE" && call != nullptr) forget(call->call_id);
}

void SipFuzzer::on_invite(Call& call, const Message& request, Way way, Random& random) {
  const auto answer = [&]() -> std::string {
    if (call.channel != nullptr && random.chance(95)) {
      if (auto known = call.channel->answer(request.body)) return *known;
    }
    if (request.body.empty()) return session_description(random, ways_.udp_ports().front(), random.chance(40));
    return answer_to(random, request.body, ways_.udp_ports().front());
  }();
  if (!request.body.empty()) note_ports(call, request.body);
  if (random.chance(25))
    respond(request, way, random.chance(50) ? 180 : 183, random, &call, {"application/sdp", answer});
  if (random.chance(7)) return;  // rings for ever
  if (random.chance(call.by_us ? 85 : 65)) {
    call.confirmed = true;
    return respond(request, way, 200, random, &call, {"application/sdp", answer});
  }
  const int status = random.pick(refusals);
  respond(request, way, status, random, &call);
  if (!call.by_us && !call.confirmed) forget(call.call_id);
}

void SipFuzzer::respond(const Message& request, Way way, int status, Random& random, const Call* call, Body body) {
  const auto model = bench::response_to(request, status, call != nullptr ? call->own_tag : "stranger");
  Draft draft;
  draft.start = "SIP/2.0 " + std::to_string(status) + " Because";
  draft.headers = model.headers;
  const auto port = std::to_string(random.pick(ways_.udp_ports()));
  const auto number = call != nullptr ? call->number : 0;
  if (status != 100)
    draft.add("Contact",
              "<sip:c" + std::to_string(number) + "@127.0.0.1:" + port + ">" + (random.chance(40) ? ";+sip.clue" : ""));
  if (status > 100 && status < 200 && random.chance(50)) {
    draft.add("Require", "100rel");
    draft.add("RSeq", random.chance(90) ? "1" : odd_number(random));
  }
  if (status == 401 || status == 407) {
    draft.add(status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate", "Digest realm=\"a\",nonce=\"b\",qop=\"auth\"");
  }
  if (status == 422) draft.add("Min-SE", random.chance(70) ? "95" : "0");
  if (status == 423) draft.add("Min-Expires", odd_number(random));
  if (status >= 500 && random.chance(50)) draft.add("Retry-After", random.chance(70) ? "1" : odd_number(random));
  if (status == 200 && random.chance(30)) draft.add("Session-Expires", random.chance(70) ? "90;refresher=uas" : "1");
  if (status == 200 && random.chance(10)) draft.add("Expires", odd_number(random));
  draft.add("Allow", random.chance(90) ? "INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, NOTIFY" : "INVITE");
  if (random.chance(5)) add_odd_path(random, places(), draft);
  if (status < 300) draft.body = std::move(body);
  if (draft.body.text.empty()) draft.body.type.clear();
  send(way, draft, random);
}

void SipFuzzer::refuse_quietly(const Message& request, Way way) {
  if (request.method == "ACK") return;
  const bool ends = request.method == "BYE" || request.method == "CANCEL";
  const auto model = bench::response_to(request, 481, "stranger");
  Draft draft;
  draft.start = ends ? "SIP/2.0 200 OK" : "SIP/2.0 481 Nobody";
  draft.headers = model.headers;
  Random random(0);
  ways_.send(way, draft.text(), random);
}

}  // namespace clued::fuzz
