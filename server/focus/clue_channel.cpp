#include "focus/clue_channel.hpp"

namespace clued::focus {

ChannelId ClueChannel::prepare(sdp::IpFamily family, bool controlling, const base::SharedSubject& subject,
                               const Turn& turn) {
  prepared_ = Prepared{services_.channel_ids.next()};
  services_.routes.channels.emplace(prepared_->id, owner_);
  turn.emit(command::OpenChannel{prepared_->id, family, controlling, subject});
  return prepared_->id;
}

void ClueChannel::gathered(const event::ChannelGathered& event) {
  if (is_gathering() && event.channel == prepared_->id) prepared_->local = event.local;
}

void ClueChannel::take_prepared() {
  if (!prepared_ || !prepared_->local) return;
  id_ = prepared_->id;
  local_ = std::move(prepared_->local);
  remote_.reset();
  state_ = State::gathered;
  prepared_.reset();
}

void ClueChannel::drop_prepared(const Turn& turn) {
  if (!prepared_) return;
  turn.emit(command::CloseChannel{prepared_->id});
  prepared_.reset();
  ++closing_;
}

void ClueChannel::answer(const sdp::DataChannel& remote) {
  if (!local_) return;
  local_->stream_id = remote.stream_id;
  local_->has_dcmap = true;
  local_->old_sctpmap_syntax = remote.old_sctpmap_syntax;
  if (state_ != State::gathered) return;  // a later offer for the same association keeps the role (OA-12)
  switch (remote.setup) {
    case sdp::SetupRole::active:
      local_->setup = sdp::SetupRole::passive;
      break;
    case sdp::SetupRole::passive:
      local_->setup = sdp::SetupRole::active;
      break;
    case sdp::SetupRole::actpass:
      local_->setup = remote.stream_id % 2 == 0 ? sdp::SetupRole::passive : sdp::SetupRole::active;
      break;
  }
}

void ClueChannel::offer() {
  if (!local_) return;
  local_->setup = sdp::SetupRole::actpass;
  local_->stream_id = 0;
  local_->has_dcmap = true;
}

void ClueChannel::connect(const sdp::DataChannel& remote, const Turn& turn) {
  if (state_ != State::gathered || !local_) return;
  if (local_->setup == sdp::SetupRole::actpass) {
    local_->setup = remote.setup == sdp::SetupRole::passive ? sdp::SetupRole::active : sdp::SetupRole::passive;
  }
  remote_ = remote;
  state_ = State::connecting;
  turn.emit(command::ConnectChannel{id_, *local_, remote});
}

void ClueChannel::close(const Turn& turn) {
  if (state_ == State::none) return;
  turn.emit(command::CloseChannel{id_});
  state_ = State::none;
  local_.reset();
  remote_.reset();
  ++closing_;
}

void ClueChannel::released(ChannelId channel) {
  if (services_.routes.channels.erase(channel) == 0) return;
  if (is_current(channel)) {
    state_ = State::none;  // gone without having been closed: nothing more can be done with it
    local_.reset();
    remote_.reset();
  } else if (prepared_ && channel == prepared_->id) {
    prepared_.reset();
  } else if (closing_ > 0) {
    --closing_;
  }
}

}  // namespace clued::focus
