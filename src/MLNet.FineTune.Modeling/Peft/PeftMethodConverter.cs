using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.Peft;

/// <summary>Methods inside the options of others, a union's parts for instance.</summary>
internal sealed class PeftMethodConverter : JsonConverter<PeftMethod>
{
    public override PeftMethod Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        JsonNode.Parse(ref reader) is JsonObject json ? PeftMethods.FromJson(json) : throw new JsonException("A method is an object.");

    public override void Write(Utf8JsonWriter writer, PeftMethod value, JsonSerializerOptions options) => PeftMethods.ToJson(value).WriteTo(writer);
}
