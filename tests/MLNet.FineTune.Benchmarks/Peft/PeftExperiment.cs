using System.Text.Json;

namespace MLNet.FineTune.Benchmarks.Peft;

/// <summary>A method as it is compared: one file in the folder of experiments.</summary>
/// <param name="Method">The method in its text form, <c>lora(rank=8)</c>.</param>
/// <param name="LearningRate">The peak learning rate; null for the method's own.</param>
/// <param name="Epochs">How often each row is seen; null for what the command says.</param>
/// <param name="Note">Where the paper claims more than was found, and the like.</param>
internal sealed record PeftExperiment(string Method, double? LearningRate = null, int? Epochs = null, string? Note = null)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Peft", "Experiments");

    /// <summary>The name of the file.</summary>
    public string Name { get; private init; } = "";

    public static IReadOnlyList<string> Names { get; } = [.. Directory.GetFiles(Folder, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)];

    /// <exception cref="InvalidDataException">The file is not an experiment.</exception>
    public static PeftExperiment Read(string name)
    {
        string path = Path.Combine(Folder, name + ".json");
        try
        {
            PeftExperiment experiment = JsonSerializer.Deserialize<PeftExperiment>(File.ReadAllText(path), Json)! with { Name = name };
            _ = PeftMethod.Parse(experiment.Method);
            return experiment;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }
}
