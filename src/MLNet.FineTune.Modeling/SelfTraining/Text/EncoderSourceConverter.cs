using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.SelfTraining;

/// <summary>Encoders among the options of a method, as saved models name them.</summary>
internal sealed class EncoderSourceConverter : JsonConverter<EncoderSource>
{
    public override EncoderSource Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return JsonNode.Parse(ref reader) is JsonObject json ? EncoderSource.FromJson(json) : throw new JsonException("An encoder is an object such as {\"kind\":\"default\"}.");
        }
        catch (InvalidDataException e)
        {
            throw new JsonException(e.Message, e);
        }
    }

    public override void Write(Utf8JsonWriter writer, EncoderSource value, JsonSerializerOptions options) => value.ToJson().WriteTo(writer);
}
