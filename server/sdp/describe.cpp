#include "sdp/describe.hpp"

#include <iterator>

#include "sdp/data_channel_lines.hpp"

namespace clued::sdp {
namespace {

MediaDescription disabled_line(const Slot& slot) {
  MediaDescription line;
  line.media = slot.media;
  line.protocol = slot.protocol;
  if (slot.formats) line.formats = slot.formats->payload_types;
  // The grammar wants a format even where it means nothing.
  if (line.formats.empty()) line.formats = {"0"};
  if (!slot.mid.empty()) line.attributes.push_back({"mid", slot.mid});
  return line;
}

MediaDescription stream_line(const Slot& slot) {
  MediaDescription line;
  line.media = slot.media;
  line.port = slot.port.rtp_port;
  line.protocol = slot.protocol;
  if (slot.formats) {
    line.formats = slot.formats->payload_types;
    line.attributes = slot.formats->attributes;
  }
  line.attributes.push_back({to_string(slot.said), std::nullopt});
  if (!slot.mid.empty()) line.attributes.push_back({"mid", slot.mid});
  if (slot.rtcp_mux) line.attributes.push_back({"rtcp-mux", std::nullopt});
  if (!slot.label.empty()) line.attributes.push_back({"label", slot.label});
  line.attributes.insert(line.attributes.end(), slot.extensions.begin(), slot.extensions.end());
  return line;
}

void append(std::vector<Attribute>& attributes, std::vector<Attribute> more) {
  attributes.insert(attributes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

SessionDescription describe(const State& state, const LocalMedia& media, const Origin& origin,
                            std::vector<std::string> clue_mids) {
  SessionDescription description;
  description.origin = origin;
  description.timing = state.timing;
  description.connection = Connection{state.family, address_of(media, state.family)};
  if (!clue_mids.empty()) description.groups.push_back({"CLUE", std::move(clue_mids)});
  for (const Slot& slot : state.slots) {
    if (slot.use == Slot::Use::channel && state.local_channel) {
      if (state.local_channel->ice_lite) description.attributes.push_back({"ice-lite", std::nullopt});
      MediaDescription line = data_channel_line(*state.local_channel, slot.mid, true);
      if (line.connection == description.connection) line.connection.reset();
      description.media.push_back(std::move(line));
    } else {
      description.media.push_back(slot.is_stream() ? stream_line(slot) : disabled_line(slot));
    }
    append(description.media.back().attributes, lines_of(slot.preconditions));
  }
  return description;
}

SessionDescription describe_failure(const std::vector<Slot>& slots, std::vector<std::vector<Attribute>> failures,
                                    const LocalMedia& media, const Origin& origin) {
  SessionDescription description;
  description.origin = origin;
  description.connection = Connection{origin.family, address_of(media, origin.family)};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    description.media.push_back(disabled_line(slots[i]));
    append(description.media.back().attributes, std::move(failures[i]));
  }
  return description;
}

std::vector<std::string> clue_mids(const State& state) {
  std::vector<std::string> mids;
  if (!state.channel_slot()) return mids;
  for (const Slot& slot : state.slots) {
    if (slot.use == Slot::Use::channel || slot.is_clue_controlled()) mids.push_back(slot.mid);
  }
  return mids;
}

}  // namespace clued::sdp
