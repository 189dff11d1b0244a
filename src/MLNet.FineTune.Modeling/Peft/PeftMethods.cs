using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace MLNet.FineTune.Peft;

/// <summary>The methods there are, found by their <see cref="PeftMethodNameAttribute"/>; and their JSON form.</summary>
internal static class PeftMethods
{
    private const string NameKey = "method";

    internal static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false), new PeftMethodConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>Types by name.</summary>
    public static IReadOnlyDictionary<string, Type> ByName { get; } = typeof(PeftMethods).Assembly.GetTypes()
        .Where(type => type.GetCustomAttribute<PeftMethodNameAttribute>() is not null)
        .ToDictionary(NameOf);

    public static string NameOf(Type type) => type.GetCustomAttribute<PeftMethodNameAttribute>()?.Name
        ?? throw new InvalidOperationException($"{type} carries no {nameof(PeftMethodNameAttribute)}.");

    public static JsonObject ToJson(PeftMethod method)
    {
        JsonObject json = JsonSerializer.SerializeToNode(method, method.GetType(), Json)!.AsObject();
        json[NameKey] = method.MethodName;
        return json;
    }

    /// <summary>The method Python's peft calls so.</summary>
    /// <exception cref="NotSupportedException">There is none.</exception>
    public static PeftMethod ByPeftType(string? type, string location)
    {
        List<PeftMethod> known = [.. ByName.Values.Select(method => (PeftMethod)Activator.CreateInstance(method)!).Where(method => method.PeftType is not null)];
        return known.FirstOrDefault(method => method.PeftType == type)
            ?? throw new NotSupportedException($"{location}: the adapter type '{type}' is not supported; supported are {string.Join(", ", known.Select(method => method.PeftType))}.");
    }

    /// <exception cref="InvalidDataException">The method or one of its options is not known.</exception>
    public static PeftMethod FromJson(JsonObject json)
    {
        string? name = json[NameKey] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
        if (name is null || !ByName.TryGetValue(name, out Type? type))
            throw new InvalidDataException($"The fine-tuning method '{name}' is not known; known are {string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal))}. A newer version of the library may have saved it.");
        var options = json.DeepClone().AsObject();
        options.Remove(NameKey);
        try
        {
            var method = (PeftMethod)options.Deserialize(type, Json)!;
            method.Validate();
            return method;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new InvalidDataException($"The saved options of the fine-tuning method '{name}' are not valid: {e.Message}", e);
        }
    }
}
