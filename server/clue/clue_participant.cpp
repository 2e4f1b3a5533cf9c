#include "clue/clue_participant.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/overloaded.hpp"

namespace clued::clue {

namespace {

std::optional<std::string> unless_empty(std::string text) {
  if (text.empty()) return std::nullopt;
  return text;
}

const Header& header_of(const Message& message) {
  return std::visit([](const auto& m) -> const Header& { return m.header; }, message);
}

std::string describe(ResponseCode code, const std::optional<std::string>& reason) {
  std::string text = std::to_string(static_cast<unsigned>(code));
  if (reason && !reason->empty()) text += " (" + *reason + ")";
  return text;
}

/// The highest version that both ends understand (RFC 8847 section 5.2): same major, the smaller of the minors. Without
/// a list the sender understands only the major of its `v`, up to that minor (section 5.1).
std::optional<Version> common_version(const Options& options) {
  std::optional<Version> best;
  const auto consider = [&best](const Version& theirs) {
    if (theirs.major != own_version.major) return;
    best = std::max(best.value_or(Version{own_version.major, 0}),
                    Version{own_version.major, std::min(theirs.minor, own_version.minor)});
  };
  if (options.supported_versions.empty()) consider(options.header.version);
  for (const Version& theirs : options.supported_versions) consider(theirs);
  return best;
}

}  // namespace

ClueParticipant::ClueParticipant(Settings settings)
    : settings_(std::move(settings)),
      initiation_numbers_(settings_.starts.initiation),
      provider_numbers_(settings_.starts.provider),
      consumer_numbers_(settings_.starts.consumer) {}

void ClueParticipant::start_channel() {
  if (state_ != State::idle) return;
  state_ = State::channel_setup;
  version_ = own_version;
  initiation_numbers_ = OutgoingSequence(settings_.starts.initiation);
  provider_numbers_ = OutgoingSequence(settings_.starts.provider);
  consumer_numbers_ = OutgoingSequence(settings_.starts.consumer);
  peer_provider_numbers_ = {};
  peer_consumer_numbers_ = {};
  unprocessed_ = 0;
}

void ClueParticipant::channel_established(ChannelRole role, base::TimePoint now, Actions& out) {
  if (state_ != State::channel_setup) return;
  state_ = State::options;
  role_ = role;
  options_deadline_ = now + settings_.timers.options;
  if (role_ == ChannelRole::receiver) return;
  Options options;
  options.media_provider = settings_.media_provider;
  options.media_consumer = settings_.media_consumer;
  options.supported_versions = {own_version};
  transmit(std::move(options), initiation_numbers_, out);
}

void ClueParticipant::session_ended() {
  state_ = State::idle;
  options_deadline_.reset();
  provider_.reset();
  consumer_.reset();
}

void ClueParticipant::receive(std::string_view bytes, base::TimePoint now, Actions& out) {
  if (state_ == State::idle) return;  // Nobody is here to answer, and what is not read costs nothing.
  if (state_ == State::channel_setup) {
    ignore("message before the channel is established", out);
    return;
  }
  auto message = decode(bytes, settings_.limits);
  const unsigned unprocessed_before = unprocessed_;
  if (!message) {
    on_unusable(message.error(), now, out);
  } else if (const Header& head = header_of(*message); head.version.major != own_version.major) {
    DecodeError error;
    error.code = ResponseCode::version_not_supported;
    error.reason = "version " + std::to_string(head.version.major) + "." + std::to_string(head.version.minor) +
                   " is not understood here";
    error.message_name = name_of(*message);
    error.sequence = head.sequence;
    on_unusable(error, now, out);
  } else {
    std::visit([&](auto& m) { on(m, now, out); }, *message);
  }
  if (unprocessed_ == unprocessed_before) {
    unprocessed_ = 0;
  } else if (unprocessed_ >= max_unprocessed_messages && state_ != State::idle) {
    fail("too many messages in a row that could not be processed", out);
  }
}

void ClueParticipant::on(Options& options, base::TimePoint, Actions& out) {
  if (state_ != State::options || role_ != ChannelRole::receiver) {
    ignore(state_ == State::active ? "options in ACTIVE (section 6)" : "options from the Channel Receiver", out);
    return;
  }
  OptionsResponse response;
  const auto version = common_version(options);
  if (!version) {
    response.code = ResponseCode::version_not_supported;
    response.reason = "no common version";
    if (!transmit(std::move(response), initiation_numbers_, out)) return;
    fail("no common version of the CLUE protocol", out);
    return;
  }
  peer_clue_id_ = options.header.clue_id;
  response.media_provider = settings_.media_provider;
  response.media_consumer = settings_.media_consumer;
  response.version = version;
  version_ = *version;
  if (!transmit(std::move(response), initiation_numbers_, out)) return;
  become_active(*version, options.media_provider, options.media_consumer, out);
}

void ClueParticipant::on(OptionsResponse& response, base::TimePoint, Actions& out) {
  if (state_ != State::options || role_ != ChannelRole::initiator) {
    ignore(state_ == State::active ? "optionsResponse in ACTIVE (section 6)" : "optionsResponse without options", out);
    return;
  }
  if (!is_success(response.code)) {
    fail("options were refused: " + describe(response.code, response.reason), out);
    return;
  }
  if (!response.media_provider || !response.media_consumer) {
    fail("optionsResponse does not say whether the peer is Media Provider and Media Consumer", out);
    return;
  }
  // A response without a version comes from a peer that says nothing against the only one that we offered.
  Version version = response.version.value_or(own_version);
  if (version.major != own_version.major) {
    fail("optionsResponse chose version " + std::to_string(version.major) + ", which was not offered", out);
    return;
  }
  version.minor = std::min(version.minor, own_version.minor);
  peer_clue_id_ = response.header.clue_id;
  become_active(version, *response.media_provider, *response.media_consumer, out);
}

void ClueParticipant::become_active(Version version, bool peer_provides, bool peer_consumes, Actions& out) {
  state_ = State::active;
  options_deadline_.reset();
  version_ = version;
  if (settings_.media_provider && peer_consumes) provider_.emplace(settings_.timers);
  if (settings_.media_consumer && peer_provides) consumer_.emplace(settings_.timers);
  out.emplace_back(action::BecameActive{version, provider_.has_value(), consumer_.has_value()});
}

void ClueParticipant::on(Advertisement& advertisement, base::TimePoint now, Actions& out) {
  if (!consumer_) {
    ignore("advertisement where no Media Consumer runs", out);
    return;
  }
  if (!may_process(peer_provider_numbers_, advertisement.header, "advertisement", now, out)) return;
  MediaConsumer::Outputs outputs;
  consumer_->receive(std::move(advertisement), outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::on(Configure& configure, base::TimePoint now, Actions& out) {
  if (!provider_) {
    ignore("configure where no Media Provider runs", out);
    return;
  }
  if (!may_process(peer_consumer_numbers_, configure.header, "configure", now, out)) return;
  MediaProvider::Outputs outputs;
  provider_->receive(configure, outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::on(Ack& ack, base::TimePoint now, Actions& out) {
  if (!provider_) {
    ignore("ack where no Media Provider runs", out);
    return;
  }
  if (!follows(peer_consumer_numbers_, ack.header, "ack", out)) return;
  MediaProvider::Outputs outputs;
  provider_->receive(ack, now, outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::on(ConfigureResponse& response, base::TimePoint now, Actions& out) {
  if (!consumer_) {
    ignore("configureResponse where no Media Consumer runs", out);
    return;
  }
  if (!follows(peer_provider_numbers_, response.header, "configureResponse", out)) return;
  MediaConsumer::Outputs outputs;
  consumer_->receive(response, outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::advertise(std::shared_ptr<const ComposedAdvertisement> advertisement, base::TimePoint now,
                                Actions& out) {
  if (!provider_) return;
  MediaProvider::Outputs outputs;
  provider_->advertise(std::move(advertisement), outputs);
  perform(std::move(outputs), now, out);
}

const std::shared_ptr<const ComposedAdvertisement>& ClueParticipant::advertised() const noexcept {
  static const std::shared_ptr<const ComposedAdvertisement> nothing;
  return provider_ ? provider_->told() : nothing;
}

bool ClueParticipant::awaits_ack() const noexcept {
  return provider_ && provider_->state() == MediaProvider::State::wait_for_ack;
}

void ClueParticipant::accept_advertisement(std::optional<std::vector<CaptureEncoding>> encodings, base::TimePoint now,
                                           Actions& out) {
  if (!consumer_) return;
  if (encodings) cut_to_size(*encodings, out);
  MediaConsumer::Outputs outputs;
  consumer_->accept(std::move(encodings), outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::reject_advertisement(ResponseCode code, std::string reason, base::TimePoint now, Actions& out) {
  if (!consumer_) return;
  MediaConsumer::Outputs outputs;
  consumer_->reject(code, std::move(reason), outputs);
  perform(std::move(outputs), now, out);
}

void ClueParticipant::configure(std::vector<CaptureEncoding> encodings, base::TimePoint now, Actions& out) {
  if (!consumer_) return;
  cut_to_size(encodings, out);
  MediaConsumer::Outputs outputs;
  consumer_->configure(std::move(encodings), outputs);
  perform(std::move(outputs), now, out);
}

base::Deadline ClueParticipant::next_deadline() const noexcept {
  base::Deadline deadline = options_deadline_;
  if (provider_) deadline = base::earlier(deadline, provider_->next_deadline());
  if (consumer_) deadline = base::earlier(deadline, consumer_->next_deadline());
  return deadline;
}

void ClueParticipant::handle_timeout(base::TimePoint now, Actions& out) {
  if (options_deadline_ && now >= *options_deadline_) {
    fail(role_ == ChannelRole::initiator ? "no optionsResponse came" : "no options came", out);
    return;
  }
  if (provider_) {
    MediaProvider::Outputs outputs;
    provider_->handle_timeout(now, outputs);
    perform(std::move(outputs), now, out);
  }
  if (consumer_) {
    MediaConsumer::Outputs outputs;
    consumer_->handle_timeout(now, outputs);
    perform(std::move(outputs), now, out);
  }
}

void ClueParticipant::perform(MediaProvider::Outputs outputs, base::TimePoint now, Actions& out) {
  // A report that something was sent may add further outputs at the end.
  for (std::size_t i = 0; i < outputs.size() && state_ != State::idle; ++i) {
    auto output = std::move(outputs[i]);
    std::visit(base::overloaded{
                   [&](MediaProvider::SendAdvertisement& send) { send_advertisement(*send.advertisement, now, out); },
                   [&](MediaProvider::SendConfigureResponse& send) {
                     ConfigureResponse response;
                     response.code = send.code;
                     response.reason = unless_empty(std::move(send.reason));
                     response.configure_sequence = send.configure_sequence;
                     if (!transmit(std::move(response), provider_numbers_, out)) return;
                     provider_->configure_response_sent(send.code, now, outputs);
                   },
                   [&](action::Ignored& ignored) { ignore(std::move(ignored.reason), out); },
                   [&](auto& told) { out.emplace_back(std::move(told)); },
               },
               output);
  }
}

void ClueParticipant::perform(MediaConsumer::Outputs outputs, base::TimePoint now, Actions& out) {
  for (std::size_t i = 0; i < outputs.size() && state_ != State::idle; ++i) {
    auto output = std::move(outputs[i]);
    std::visit(base::overloaded{
                   [&](MediaConsumer::SendAck& send) {
                     Ack ack;
                     ack.code = send.code;
                     ack.reason = unless_empty(std::move(send.reason));
                     ack.advertisement_sequence = send.advertisement_sequence;
                     const auto reason = ack.reason.value_or(std::string{});
                     if (!transmit(std::move(ack), consumer_numbers_, out)) return;
                     if (!is_success(send.code)) {
                       out.emplace_back(action::AdvertisementRejected{send.advertisement_sequence, send.code, reason});
                     }
                     consumer_->ack_sent(send.code, outputs);
                   },
                   [&](MediaConsumer::SendConfigure& send) {
                     Configure configure;
                     configure.advertisement_sequence = send.advertisement_sequence;
                     if (send.with_ack) configure.ack = ResponseCode::success;
                     configure.encodings = std::move(send.encodings);
                     const auto sequence = transmit(std::move(configure), consumer_numbers_, out);
                     if (sequence) consumer_->configure_sent(*sequence, now);
                   },
                   [&](action::Ignored& ignored) { ignore(std::move(ignored.reason), out); },
                   [&](auto& told) { out.emplace_back(std::move(told)); },
               },
               output);
  }
}

void ClueParticipant::send_advertisement(const ComposedAdvertisement& advertisement, base::TimePoint now,
                                         Actions& out) {
  auto bytes = advertisement.encode(header(provider_numbers_.due()));
  if (!is_accepted(bytes.size())) {
    provider_->advertisement_withheld();
    out.emplace_back(action::AdvertisementWithheld{bytes.size()});
    return;
  }
  const std::uint32_t sequence = provider_numbers_.next();
  out.emplace_back(action::Transmit{std::move(bytes), "advertisement", sequence});
  provider_->advertisement_sent(sequence, now);
}

std::optional<std::uint32_t> ClueParticipant::transmit(Message message, OutgoingSequence& numbers, Actions& out) {
  const std::uint32_t sequence = numbers.next();
  std::visit([&](auto& m) { m.header = header(sequence); }, message);
  auto bytes = encode(message);
  if (!is_accepted(bytes.size())) {
    fail("the peer accepts no message of the " + std::to_string(bytes.size()) + " bytes that a " + name_of(message) +
             " has",
         out);
    return std::nullopt;
  }
  out.emplace_back(action::Transmit{std::move(bytes), name_of(message), sequence});
  return sequence;
}

bool ClueParticipant::is_accepted(std::size_t bytes) const noexcept {
  return settings_.max_message_bytes == 0 || bytes <= settings_.max_message_bytes;
}

// Some of what is wanted is better than a configure that never arrives.
void ClueParticipant::cut_to_size(std::vector<CaptureEncoding>& encodings, Actions& out) const {
  if (settings_.max_message_bytes == 0) return;
  Configure configure;
  configure.header = header(UINT32_MAX);
  configure.advertisement_sequence = UINT32_MAX;
  configure.ack = ResponseCode::success;
  configure.encodings = std::move(encodings);
  const std::size_t wanted = configure.encodings.size();
  while (!configure.encodings.empty() && !is_accepted(encode(configure).size())) configure.encodings.pop_back();
  encodings = std::move(configure.encodings);
  if (encodings.size() < wanted) out.emplace_back(action::ConfigureReduced{wanted - encodings.size()});
}

Header ClueParticipant::header(std::uint32_t sequence) const {
  return Header{version_, unless_empty(settings_.clue_id), sequence};
}

}  // namespace clued::clue
