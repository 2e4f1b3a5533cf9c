#include "sdp/slots.hpp"

#include <algorithm>
#include <utility>

namespace clued::sdp {

const Slot* State::find(StreamKey key) const {
  const auto found =
      std::find_if(slots.begin(), slots.end(), [key](const Slot& slot) { return slot.is_stream() && slot.key == key; });
  return found == slots.end() ? nullptr : &*found;
}

const Slot* State::find(const WantedStream& stream) const {
  const auto found =
      std::find_if(slots.begin(), slots.end(), [&stream](const Slot& slot) { return slot.carries(stream); });
  return found == slots.end() ? nullptr : &*found;
}

Slot* State::find(const WantedStream& stream) { return const_cast<Slot*>(std::as_const(*this).find(stream)); }

std::optional<std::size_t> State::channel_slot() const {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].use == Slot::Use::channel) return i;
  }
  return std::nullopt;
}

std::set<base::PortId> ports_of(const State& state) {
  std::set<base::PortId> ports;
  for (const Slot& slot : state.slots) {
    if (slot.is_stream()) ports.insert(slot.port.id);
  }
  return ports;
}

void compact(State& state) {
  for (auto slot = state.slots.begin(); slot != state.slots.end(); ++slot) {
    const auto same =
        std::find_if(state.slots.begin(), slot, [&](const Slot& earlier) { return earlier.formats == slot->formats; });
    slot->formats.share(same->formats);
  }
  state.slots.shrink_to_fit();
}

void disable(Slot& slot) {
  Slot rest;
  rest.mid = std::move(slot.mid);
  rest.media = std::move(slot.media);
  rest.protocol = std::move(slot.protocol);
  if (slot.formats) rest.formats.emplace({std::as_const(slot).formats->payload_types, {}});
  slot = std::move(rest);
}

std::size_t free_slot(std::vector<Slot>& slots, std::string_view media) {
  std::optional<std::size_t> any;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i].use != Slot::Use::disabled) continue;
    if (slots[i].media == media) return i;
    if (!any) any = i;
  }
  if (any) return *any;
  slots.emplace_back();
  return slots.size() - 1;
}

bool sends(Direction direction) noexcept {
  return direction == Direction::sendrecv || direction == Direction::sendonly;
}

bool receives(Direction direction) noexcept {
  return direction == Direction::sendrecv || direction == Direction::recvonly;
}

Direction common(Direction a, Direction b) noexcept {
  const bool send = sends(a) && sends(b);
  const bool receive = receives(a) && receives(b);
  if (send && receive) return Direction::sendrecv;
  if (send) return Direction::sendonly;
  return receive ? Direction::recvonly : Direction::inactive;
}

Direction most_of(StreamRole role) noexcept {
  switch (role) {
    case StreamRole::encoding:
      return Direction::sendonly;
    case StreamRole::receive:
      return Direction::recvonly;
    case StreamRole::main:
      break;
  }
  return Direction::sendrecv;
}

const char* to_string(MediaKind kind) noexcept { return kind == MediaKind::audio ? "audio" : "video"; }

std::optional<MediaKind> media_kind(std::string_view media) noexcept {
  if (media == "audio") return MediaKind::audio;
  if (media == "video") return MediaKind::video;
  return std::nullopt;
}

std::span<const Codec> codecs_of(const LocalMedia& media, MediaKind kind) noexcept {
  return kind == MediaKind::audio ? media.audio_codecs : media.video_codecs;
}

const std::string& address_of(const LocalMedia& media, IpFamily family) noexcept {
  return family == IpFamily::v4 ? media.address_v4 : media.address_v6;
}

}  // namespace clued::sdp
