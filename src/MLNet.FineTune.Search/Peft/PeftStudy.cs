using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.FineTune.Models;

namespace MLNet.FineTune.Search;

/// <summary>A search over methods as its storage has it: what all who take part must agree on.</summary>
internal static class PeftStudy
{
    private static readonly JsonSerializerOptions Json = new()
    {
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static StudyDefinition Define(
        PeftSearchOptions options, PeftSearchSpace space, IReadOnlyList<IReadOnlyDictionary<string, object>> firstPoints, FineTuneTask task, PretrainedEncoder encoder) => new()
    {
        Name = options.Name,
        Objectives = PeftObjectives.ToStudy(options, task.Training.ValidationMetric),
        Settings = new Dictionary<string, string>(DataRungs.Settings(options.DataShares))
        {
            ["data"] = Digest(task.Data),
            ["validation data"] = task.Validation is { } validation ? Digest(validation) : FormattableString.Invariant($"{options.Folds} folds"),
            ["encoder"] = encoder.Sha256 ?? task.Encoder.Description,
            ["model"] = FormattableString.Invariant($"pooling {task.Pooling?.ToString() ?? "of the checkpoint"}, at most {task.MaxLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "all"} tokens, truncation {task.Truncation}, pairs {task.Pairs}, precision {task.Precision}"),
            ["training"] = JsonSerializer.Serialize(task.Training, Json),
            ["prompt"] = JsonSerializer.Serialize(task.Prompt, Json) + (task.Consistency is { } consistency ? $", {consistency.Format()}" : ""),
            ["space"] = space.Parameters.Description,
            ["first points"] = string.Join("; ", firstPoints.Select(ParameterJson.Write)),
            ["seed"] = options.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture),
        },
    };

    /// <summary>Rows and SHA-256 of texts, labels and weights.</summary>
    private static string Digest(LabelledTexts data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TextInput input in data.Inputs)
        {
            Append(input.Text);
            Append(input.Pair);
        }
        hash.AppendData(MemoryMarshal.AsBytes(data.Labels.AsSpan()));
        hash.AppendData(MemoryMarshal.AsBytes(data.Weights.AsSpan()));
        return FormattableString.Invariant($"{data.Inputs.Count} rows, {Convert.ToHexStringLower(hash.GetHashAndReset())}");

        void Append(string? text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text ?? "");
            hash.AppendData(MemoryMarshal.AsBytes<int>([text is null ? -1 : bytes.Length]));
            hash.AppendData(bytes);
        }
    }
}
