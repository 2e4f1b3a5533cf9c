#include "sdp/session_description.hpp"

namespace clued::sdp {
namespace {

/// What an m-line with its attributes takes, about; and the lines before the first.
constexpr std::size_t usual_media_size = 256;
constexpr std::size_t usual_session_size = 256;

class Writer {
 public:
  explicit Writer(std::size_t media_lines) { text_.reserve(usual_session_size + media_lines * usual_media_size); }

  /// One line of these parts.
  template <class... Parts>
  void line(char type, const Parts&... parts) {
    text_ += type;
    text_ += '=';
    ((text_ += parts), ...);
    text_ += "\r\n";
  }

  void connection(const std::optional<Connection>& connection) {
    if (connection) line('c', address_type(connection->family), connection->address);
  }

  void bandwidths(const std::vector<std::string>& bandwidths) {
    for (const std::string& bandwidth : bandwidths) line('b', bandwidth);
  }

  void attributes(const std::vector<Attribute>& attributes) {
    for (const Attribute& attribute : attributes) {
      if (attribute.value) {
        line('a', attribute.name, ':', *attribute.value);
      } else {
        line('a', attribute.name);
      }
    }
  }

  void origin(const Origin& origin) {
    line('o', origin.username, ' ', origin.session_id, ' ', std::to_string(origin.session_version), ' ',
         address_type(origin.family), origin.address);
  }

  void group(const Group& group) {
    std::string value = "group:" + group.semantics;
    for (const std::string& mid : group.mids) value += ' ' + mid;
    line('a', value);
  }

  void media(const MediaDescription& media) {
    std::string value = media.media + ' ' + std::to_string(media.port);
    if (media.port_count != 1) value += '/' + std::to_string(media.port_count);
    value += ' ' + media.protocol;
    for (const std::string& format : media.formats) value += ' ' + format;
    line('m', value);
    connection(media.connection);
    bandwidths(media.bandwidths);
    attributes(media.attributes);
  }

  std::string take() { return std::move(text_); }

 private:
  static const char* address_type(IpFamily family) { return family == IpFamily::v4 ? "IN IP4 " : "IN IP6 "; }

  std::string text_;
};

}  // namespace

std::string serialize(const SessionDescription& description) {
  Writer writer(description.media.size());
  writer.line('v', "0");
  writer.origin(description.origin);
  writer.line('s', description.session_name);
  writer.connection(description.connection);
  writer.bandwidths(description.bandwidths);
  writer.line('t', description.timing);
  for (const Group& group : description.groups) writer.group(group);
  writer.attributes(description.attributes);
  for (const MediaDescription& media : description.media) writer.media(media);
  return writer.take();
}

}  // namespace clued::sdp
