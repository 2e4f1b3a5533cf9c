#include "sdp/session_description.hpp"

namespace clued::sdp {
namespace {

class Writer {
 public:
  void line(char type, std::string_view value) {
    text_ += type;
    text_ += '=';
    text_ += value;
    text_ += "\r\n";
  }

  void connection(const std::optional<Connection>& connection) {
    if (connection) line('c', address(connection->family, connection->address));
  }

  void bandwidths(const std::vector<std::string>& bandwidths) {
    for (const std::string& bandwidth : bandwidths) line('b', bandwidth);
  }

  void attributes(const std::vector<Attribute>& attributes) {
    for (const Attribute& attribute : attributes) {
      line('a', attribute.value ? attribute.name + ':' + *attribute.value : attribute.name);
    }
  }

  void origin(const Origin& origin) {
    line('o', origin.username + ' ' + origin.session_id + ' ' + std::to_string(origin.session_version) + ' ' +
                  address(origin.family, origin.address));
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
  static std::string address(IpFamily family, const std::string& address) {
    return (family == IpFamily::v4 ? "IN IP4 " : "IN IP6 ") + address;
  }

  std::string text_;
};

}  // namespace

std::string serialize(const SessionDescription& description) {
  Writer writer;
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
