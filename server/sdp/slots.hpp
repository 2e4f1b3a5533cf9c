// The m-lines of a session as the focus remembers them between exchanges. An m-line never goes away (RFC 3264
// section 8); what it carries does, and then it is a slot for something else.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/shared_optional.hpp"
#include "sdp/codecs.hpp"
#include "sdp/data_channel.hpp"
#include "sdp/preconditions.hpp"
#include "sdp/stream.hpp"

namespace clued::sdp {

struct Slot {
  enum class Use {
    disabled,  ///< port 0: to be recycled
    stream,    ///< RTP
    channel,   ///< the CLUE channel
  };

  Use use = Use::disabled;
  std::string mid;  ///< "" when the last description had none
  // the m-line, also when disabled
  std::string media;
  std::string protocol;
  base::SharedOptional<Formats> formats;  ///< most m-lines of a session have the same
  // a stream
  StreamKey key;
  LocalPort port;
  IpFamily family = IpFamily::v4;          ///< of the port
  Direction wanted = Direction::sendrecv;  ///< what we ask for; survives a hold by the peer
  Direction said = Direction::sendrecv;    ///< in our last description
  bool sends = false;                      ///< negotiated, seen from us
  bool rtcp_mux = false;
  std::string label;                  ///< ours, role encoding
  std::vector<Attribute> extensions;  ///< extmap
  Preconditions preconditions;        ///< seen from us, of a stream or the channel
  // what the peer's last description says of it
  std::string peer_label;  ///< of a CLUE-controlled m-line from the peer to us
  bool peer_sends = false;

  bool is_stream() const noexcept { return use == Use::stream; }
  /// An encoding with another label is another stream: its m-line is not turned into the new one.
  bool carries(const WantedStream& stream) const {
    return is_stream() && key == stream.key && (key.role != StreamRole::encoding || label == stream.label);
  }
  bool is_clue_controlled() const noexcept { return is_stream() && key.role != StreamRole::main; }
};

/// All that one exchange of offer and answer leaves behind.
struct State {
  std::vector<Slot> slots;
  IpFamily family = IpFamily::v4;
  std::optional<DataChannel> local_channel;  ///< as told to the peer
  std::optional<DataChannel> peer_channel;
  std::string timing = "0 0";

  const Slot* find(StreamKey key) const;
  const Slot* find(const WantedStream& stream) const;
  Slot* find(const WantedStream& stream);
  std::optional<std::size_t> channel_slot() const;
};

std::set<base::PortId> ports_of(const State& state);

/// Keeps equal formats once, and no more room for slots than there are.
void compact(State& state);

/// Takes everything but the m-line's remains out of a slot. The mid stays until the slot is recycled.
void disable(Slot& slot);

/// The slot for a new m-line: a disabled one, if possible one that had the same media, or a new one at the end (OA-06).
std::size_t free_slot(std::vector<Slot>& slots, std::string_view media);

/// What is admitted in both.
Direction common(Direction a, Direction b) noexcept;
bool sends(Direction direction) noexcept;
bool receives(Direction direction) noexcept;

/// Seen from us, the most that a stream of this role may do.
Direction most_of(StreamRole role) noexcept;

const char* to_string(MediaKind kind) noexcept;
std::optional<MediaKind> media_kind(std::string_view media) noexcept;
std::span<const Codec> codecs_of(const LocalMedia& media, MediaKind kind) noexcept;
const std::string& address_of(const LocalMedia& media, IpFamily family) noexcept;

}  // namespace clued::sdp
