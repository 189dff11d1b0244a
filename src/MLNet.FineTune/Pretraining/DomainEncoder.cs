using System.Text.Json;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Models;
using MLNet.FineTune.Training;

namespace MLNet.FineTune.Pretraining;

/// <summary>The encoder between the phases of an adaptation: made by the first, read by the second, deleted after it.</summary>
/// <remarks>
/// Below a checkpoint directory it survives an interruption. A note beside it, written before the first phase, says of what run it
/// is; the encoder itself appears whole when the phase has ended. So the two together tell a finished phase of this run.
/// </remarks>
internal sealed class DomainEncoder
{
    private const string FolderName = "domain-encoder";
    private const string NoteName = "domain-encoder.json";

    private readonly string? _note;

    private DomainEncoder(string directory, string? note) => (Directory, _note) = (directory, note);

    /// <summary>The encoder's folder.</summary>
    public string Directory { get; }

    /// <summary>Whether the first phase has ended.</summary>
    public bool IsFinished => System.IO.Directory.Exists(Directory);

    /// <summary>One that no later run finds again.</summary>
    public static DomainEncoder Temporary(WorkFolder work) => new(work.Sub(FolderName), note: null);

    /// <summary>One that an interrupted run of the same settings finds again.</summary>
    /// <param name="checkpointDirectory">Where checkpoints lie.</param>
    /// <param name="resume">Whether what is there is gone on from; else it is deleted.</param>
    /// <param name="settings">All that decides the encoder.</param>
    /// <exception cref="InvalidDataException">What is there is of other settings.</exception>
    public static DomainEncoder Kept(string checkpointDirectory, bool resume, IReadOnlyDictionary<string, string> settings)
    {
        System.IO.Directory.CreateDirectory(checkpointDirectory);
        var kept = new DomainEncoder(Path.Combine(checkpointDirectory, FolderName), Path.Combine(checkpointDirectory, NoteName));
        if (!resume)
            kept.Delete();
        if (File.Exists(kept._note))
            TrainingFingerprint.RequireEqual(ReadNote(kept._note), settings, kept._note);
        else
            AtomicFile.Write(kept._note!, stream => JsonSerializer.Serialize(stream, settings));
        return kept;
    }

    /// <summary>All that decides what the first phase makes.</summary>
    public static IReadOnlyDictionary<string, string> Settings(EncoderSource encoder, CorpusView domain, PretrainingOptions options, int seed)
    {
        var settings = new Dictionary<string, string>
        {
            ["encoder"] = Identity(encoder),
            ["data"] = domain.Digest(),
            ["seed"] = FormattableString.Invariant($"{seed}"),
            ["losses"] = JsonSerializer.Serialize(new { options.MaskedLanguageModeling, options.Contrastive, options.BagOfWords, options.Distillation, options.MaxLength, options.Dropout, options.Precision, options.SaveAsHalf }),
        };
        if (options.Distillation?.Teacher is { } teacher)
            settings["teacher"] = Identity(teacher);
        foreach ((string name, string value) in TrainingFingerprint.Options(options.Training))
            settings[name] = value;
        return settings;
    }

    public void Delete()
    {
        if (System.IO.Directory.Exists(Directory))
            System.IO.Directory.Delete(Directory, recursive: true);
        if (_note is not null)
            File.Delete(_note);
    }

    /// <summary>A new encoder has no weights to tell it by before it is trained.</summary>
    private static string Identity(EncoderSource encoder)
    {
        if (encoder is ScratchEncoderSource)
            return encoder.Description;
        using PretrainedEncoder opened = encoder.Open([]);
        return opened.Sha256 ?? encoder.Description;
    }

    private static Dictionary<string, string> ReadNote(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllBytes(path)) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: the file is damaged: {e.Message} Delete it, or set {nameof(TrainingOptions.ResumeFromCheckpoint)} = false to start anew.", e);
        }
    }
}
