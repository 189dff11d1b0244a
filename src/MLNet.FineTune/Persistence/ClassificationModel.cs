using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Transformers;

namespace MLNet.FineTune.Persistence;

/// <summary>A transformer of a fine-tuned encoder in a model.</summary>
/// <remarks>Its description: kind of classifier, column names (those of answers last of all, where there are any), label (key type and values, boolean, or names of slots), and the rule by which a text gets several labels where there is one.</remarks>
internal static class ClassificationModel
{
    private const byte BooleanLabel = 0, KeyLabel = 1, SlotLabel = 2;

    private sealed record Description(string Kind, ScoringColumns Columns, ClassLabels Labels, LabelRule? Rule);

    public static void Save(ModelSaveContext ctx, IHostEnvironment environment, VersionInfo version, FineTunedTextTransformer transformer)
    {
        TransformerModel.Begin(ctx, version, "A fine-tuned text model");
        transformer.Classifier.Use(classifier =>
        {
            IClassifierFormat format = ClassifierFormats.For(classifier);
            TransformerModel.Write(ctx, write => format.Save(classifier, write), writer => Describe(environment, writer, format, transformer));
        });
    }

    /// <inheritdoc cref="TransformerModel.Load"/>
    /// <param name="environment">The environment.</param>
    /// <param name="ctx">What is loaded from.</param>
    /// <param name="version">Signatures and format version.</param>
    /// <param name="severalLabels">Whether the transformer has a <see cref="FineTunedTextTransformer.Rule"/>.</param>
    /// <param name="answers">Whether it answers questions.</param>
    public static TransformerParts Load(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version, bool severalLabels = false, bool answers = false)
    {
        (Description description, ITextClassifier classifier) = TransformerModel.Load(
            ctx, version, reader => Read(environment, reader, severalLabels, answers), (description, open) => ClassifierFormats.Find(description.Kind).Load(environment, open));
        return new TransformerParts(classifier, description.Labels, description.Columns, description.Rule);
    }

    private static void Describe(IHostEnvironment environment, BinaryWriter writer, IClassifierFormat format, FineTunedTextTransformer transformer)
    {
        writer.Write(format.Kind);
        ScoringColumns columns = transformer.Columns;
        writer.Write(columns.Sentence1);
        WriteOptional(writer, columns.Sentence2);
        writer.Write(columns.Score);
        writer.Write(columns.PredictedLabel);
        WriteOptional(writer, columns.Probability);
        WriteLabels(environment, writer, transformer.Labels);
        if (transformer.Rule is { } rule)
            LabelRuleFormat.Write(writer, rule);
        if (columns is not { AnswerStart: { } start, AnswerLength: { } length })
            return;
        writer.Write(start);
        writer.Write(length);
    }

    private static Description Read(IHostEnvironment environment, BinaryReader reader, bool severalLabels, bool answers)
    {
        string kind = reader.ReadString();
        var columns = new ScoringColumns(reader.ReadString(), ReadOptional(reader), reader.ReadString(), reader.ReadString(), ReadOptional(reader));
        ClassLabels labels = ReadLabels(environment, reader);
        LabelRule? rule = severalLabels ? LabelRuleFormat.Read(reader, labels.Count) : null;
        return new Description(kind, answers ? columns with { AnswerStart = reader.ReadString(), AnswerLength = reader.ReadString() } : columns, labels, rule);
    }

    private static void WriteLabels(IHostEnvironment environment, BinaryWriter writer, ClassLabels labels)
    {
        writer.Write(labels.KeyType is not null ? KeyLabel : labels == ClassLabels.Boolean ? BooleanLabel : SlotLabel);
        if (labels.KeyType is null)
        {
            WriteSlots(writer, labels);
            return;
        }
        writer.Write(labels.KeyType.RawType.Name);
        writer.Write(labels.Count);
        writer.Write(labels.Values is not null);
        writer.Flush();
        labels.Values?.Write(environment, writer.BaseStream);
    }

    private static ClassLabels ReadLabels(IHostEnvironment environment, BinaryReader reader)
    {
        switch (reader.ReadByte())
        {
            case BooleanLabel:
                return ClassLabels.Boolean;
            case SlotLabel:
                return ReadSlots(reader);
        }
        string name = reader.ReadString();
        Type raw = name switch
        {
            nameof(Byte) => typeof(byte),
            nameof(UInt16) => typeof(ushort),
            nameof(UInt32) => typeof(uint),
            nameof(UInt64) => typeof(ulong),
            _ => throw new InvalidDataException($"{ModelStreams.Key}: the label's key is of type '{name}'; expected Byte, UInt16, UInt32 or UInt64."),
        };
        var type = new KeyDataViewType(raw, reader.ReadInt32());
        return new ClassLabels(type, reader.ReadBoolean() ? KeyValues.Load(environment, reader.BaseStream) : null);
    }

    private static void WriteSlots(BinaryWriter writer, ClassLabels labels)
    {
        if (labels == ClassLabels.Boolean)
            return;
        writer.Write(labels.Count);
        foreach (string name in labels.Names)
            writer.Write(name);
    }

    private static ClassLabels ReadSlots(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        if (count < 1 || count > reader.BaseStream.Length - reader.BaseStream.Position)
            throw new InvalidDataException($"{ModelStreams.Key}: the label has {count} slots; expected 1 or more, each with a name.");
        return ClassLabels.OfSlots([.. Enumerable.Range(0, count).Select(_ => reader.ReadString())]);
    }

    private static void WriteOptional(BinaryWriter writer, string? text)
    {
        writer.Write(text is not null);
        if (text is not null)
            writer.Write(text);
    }

    private static string? ReadOptional(BinaryReader reader) => reader.ReadBoolean() ? reader.ReadString() : null;
}
