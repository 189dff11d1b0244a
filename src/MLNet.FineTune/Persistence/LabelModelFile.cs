using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.FineTune.WeakSupervision;

namespace MLNet.FineTune.Persistence;

/// <summary>A label model in a model; it has no streams of its own.</summary>
/// <remarks>Its description: column names, function names, class names, class balance, and the factors of the votes where they are not only counted.</remarks>
internal static class LabelModelFile
{
    private const int MaximumFunctions = 1 << 20;

    public static void Save(ModelSaveContext ctx, VersionInfo version, LabelModelTransformer transformer)
    {
        TransformerModel.Begin(ctx, version, "A label model");
        TransformerModel.Write(ctx, _ => { }, writer => Describe(writer, transformer));
    }

    /// <inheritdoc cref="TransformerModel.LoadDescription"/>
    public static LabelModelTransformer Load(IHostEnvironment environment, ModelLoadContext ctx, VersionInfo version)
    {
        var (columns, functions, classes, posterior) = TransformerModel.LoadDescription(ctx, version, Read);
        return new LabelModelTransformer(environment, columns, functions, classes, posterior);
    }

    private static void Describe(BinaryWriter writer, LabelModelTransformer transformer)
    {
        writer.Write(transformer.Columns.Votes);
        writer.Write(transformer.Columns.WeakLabel);
        writer.Write(transformer.Columns.WeakProbabilities);
        WriteTexts(writer, transformer.FunctionNames);
        WriteTexts(writer, transformer.ClassNames);
        WriteNumbers(writer, transformer.Posterior.ClassBalance);
        writer.Write(transformer.Posterior.Evidence is not null);
        if (transformer.Posterior.Evidence is { } evidence)
            WriteNumbers(writer, evidence);
    }

    private static (LabelModelColumns Columns, string[] Functions, string[] Classes, LabelPosterior Posterior) Read(BinaryReader reader)
    {
        var columns = new LabelModelColumns(reader.ReadString(), reader.ReadString(), reader.ReadString());
        string[] functions = ReadTexts(reader, 1, MaximumFunctions, "labelling functions"), classes = ReadTexts(reader, 2, VoteClasses.MaximumCount, "classes");
        double[] balance = ReadNumbers(reader, classes.Length);
        double[]? evidence = reader.ReadBoolean() ? ReadNumbers(reader, checked(functions.Length * (classes.Length + 1) * classes.Length)) : null;
        return (columns, functions, classes, new LabelPosterior(functions.Length, balance, evidence));
    }

    private static void WriteTexts(BinaryWriter writer, IReadOnlyList<string> texts)
    {
        writer.Write(texts.Count);
        foreach (string text in texts)
            writer.Write(text);
    }

    private static string[] ReadTexts(BinaryReader reader, int least, int most, string what)
    {
        int count = reader.ReadInt32();
        if (count < least || count > most)
            throw new InvalidDataException($"{ModelStreams.Key}: the label model has {count} {what}; expected {least} to {most}.");
        return [.. Enumerable.Range(0, count).Select(_ => reader.ReadString())];
    }

    private static void WriteNumbers(BinaryWriter writer, double[] numbers)
    {
        foreach (double number in numbers)
            writer.Write(number);
    }

    private static double[] ReadNumbers(BinaryReader reader, int count)
    {
        if (reader.BaseStream.Length - reader.BaseStream.Position < (long)count * sizeof(double))
            throw new InvalidDataException($"{ModelStreams.Key}: the stream ends before the {count} numbers of the label model.");
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = reader.ReadDouble();
        return numbers;
    }
}
