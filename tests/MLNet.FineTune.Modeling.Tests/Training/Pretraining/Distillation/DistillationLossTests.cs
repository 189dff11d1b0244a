using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.Pretraining;
using MLNet.FineTune.Tests.Encoders;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Pretraining;

[TestClass]
public sealed class DistillationLossTests
{
    private static readonly int[][] Texts = TinyEncoder.Rows(1, 9, 4, 12, 7);

    /// <summary>A batch as a student of 2 layers × 16 sees it, and what a teacher of some width might have said.</summary>
    private static EncodedBatch Batch(TransformerEncoder student, int teacherWidth)
    {
        List<EncodedStretch> stretches = EncodedStretch.Encode(student, Texts, allHiddenStates: true);
        return new EncodedBatch(PoolingMode.Mean)
        {
            Texts = Texts, AnchorCount = Texts.Length, Targets = [], Stretches = stretches,
            Teacher = new TeacherOutput(randn(Texts.Length, teacherWidth), [.. stretches.Select(stretch => (IReadOnlyList<Tensor>)
                [.. stretch.Output.HiddenStates.Select(state => randn(state.size(0), state.size(1), teacherWidth))])]),
        };
    }

    private static EncoderConfig Teacher(EncoderConfig student, int width) => student with { HiddenSize = width };

    [TestMethod]
    [DataRow(nameof(HiddenStateMatch.MeanSquaredError), 16)]
    [DataRow(nameof(HiddenStateMatch.MeanSquaredError), 24)]
    [DataRow(nameof(HiddenStateMatch.Cosine), 16)]
    [DataRow(nameof(HiddenStateMatch.Cosine), 24)]
    public void Hidden_states_equal_the_definition(string match, int width)
    {
        using var scope = NewDisposeScope();
        using TaskModel student = TinyEncoder.Model("bert");
        EncodedBatch batch = Batch(student.Encoder, width);
        var loss = new HiddenStateDistillation(Enum.Parse<HiddenStateMatch>(match), 1, student.Encoder.Config, Teacher(student.Encoder.Config, width));
        using nn.Module? module = ((IPretrainingLoss)loss).Module;
        Assert.AreEqual(width == 16, module is null);

        double sum = 0;
        int compared = 0;
        EncodedStretch stretch = batch.Stretches.Single();
        for (int state = 0; state < 3; state++)
            for (int row = 0; row < Texts.Length; row++)
                for (int token = 0; token < Texts[stretch.Texts[row]].Length; token++, compared++)
                {
                    double[] mine = Project(module, Values(stretch.Output.HiddenStates[state][row, token])), theirs = Values(batch.Teacher!.States[0][state][row, token]);
                    sum += match == nameof(HiddenStateMatch.Cosine) ? 1 - Cosine(mine, theirs) : mine.Zip(theirs).Average(pair => Math.Pow(pair.First - pair.Second, 2));
                }
        Assert.AreEqual(3 * (9 + 4 + 12 + 7), compared);
        Assert.AreEqual(sum / compared, loss.Compute(batch).item<float>(), 1e-4);
    }

    [TestMethod]
    [DataRow(nameof(EmbeddingMatch.Cosine), 16)]
    [DataRow(nameof(EmbeddingMatch.Cosine), 24)]
    [DataRow(nameof(EmbeddingMatch.MeanSquaredError), 16)]
    [DataRow(nameof(EmbeddingMatch.MeanSquaredError), 24)]
    [DataRow(nameof(EmbeddingMatch.Similarity), 16)]
    [DataRow(nameof(EmbeddingMatch.Similarity), 24)]
    public void Embeddings_equal_the_definition(string match, int width)
    {
        using var scope = NewDisposeScope();
        using TaskModel student = TinyEncoder.Model("bert");
        EncodedBatch batch = Batch(student.Encoder, width);
        var loss = new EmbeddingDistillation(Enum.Parse<EmbeddingMatch>(match), 1, 16, width, CPU);
        using nn.Module? module = ((IPretrainingLoss)loss).Module;
        Assert.AreEqual(width == 16 || match == nameof(EmbeddingMatch.Similarity), module is null);

        double[][] mine = [.. Enumerable.Range(0, 4).Select(text => Project(module, Values(batch.Embeddings[text])))];
        double[][] theirs = [.. Enumerable.Range(0, 4).Select(text => Values(batch.Teacher!.Embeddings[text]))];
        double expected = match switch
        {
            nameof(EmbeddingMatch.Cosine) => mine.Zip(theirs).Average(pair => 1 - Cosine(pair.First, pair.Second)),
            nameof(EmbeddingMatch.MeanSquaredError) => mine.Zip(theirs).Average(pair => pair.First.Zip(pair.Second).Average(value => Math.Pow(value.First - value.Second, 2))),
            _ => Enumerable.Range(0, 16).Where(pair => pair / 4 != pair % 4).Average(pair => Math.Pow(Cosine(mine[pair / 4], mine[pair % 4]) - Cosine(theirs[pair / 4], theirs[pair % 4]), 2)),
        };
        Assert.AreEqual(expected, loss.Compute(batch).item<float>(), 1e-4);
    }

    [TestMethod]
    public void A_batch_of_one_text_has_no_similarities_and_no_loss()
    {
        using var scope = NewDisposeScope();
        using TaskModel student = TinyEncoder.Model("bert");
        var batch = new EncodedBatch(PoolingMode.Mean)
        {
            Texts = [[2, 9, 3]], AnchorCount = 1, Targets = [], Stretches = EncodedStretch.Encode(student.Encoder, [[2, 9, 3]], allHiddenStates: false),
            Teacher = new TeacherOutput(randn(1, 24), []),
        };
        Tensor loss = new EmbeddingDistillation(EmbeddingMatch.Similarity, 1, 16, 24, CPU).Compute(batch);
        loss.backward();
        Assert.AreEqual(0, loss.item<float>(), 1e-6);
        Assert.IsTrue(student.Encoder.Embeddings.Word.Weight.grad!.isfinite().all().item<bool>());
    }

    [TestMethod]
    [DataRow(2, 4, new[] { 0, 2, 4 })]
    [DataRow(4, 12, new[] { 0, 3, 6, 9, 12 })]
    [DataRow(3, 3, new[] { 0, 1, 2, 3 })]
    [DataRow(4, 6, new[] { 0, 2, 3, 5, 6 })]
    [DataRow(4, 2, new[] { 0, 1, 1, 2, 2 })]
    [DataRow(0, 5, new[] { 5 })]
    [DataRow(2, 0, new[] { 0, 0, 0 })]
    public void States_are_compared_at_the_same_relative_depth(int student, int teacher, int[] expected) =>
        CollectionAssert.AreEqual(expected, HiddenStateDistillation.TeacherStates(student, teacher));

    private static double[] Project(nn.Module? projection, double[] vector)
    {
        if (projection is null)
            return vector;
        double[][] weight = [.. Values(projection.get_parameter("linear.weight")!.flatten()).Chunk(vector.Length)];
        double[] bias = Values(projection.get_parameter("linear.bias")!);
        return [.. weight.Select((row, i) => bias[i] + row.Zip(vector).Sum(pair => pair.First * pair.Second))];
    }

    private static double Cosine(double[] a, double[] b) =>
        a.Zip(b).Sum(pair => pair.First * pair.Second) / Math.Sqrt(a.Sum(value => value * value) * b.Sum(value => value * value));

    private static double[] Values(Tensor vector) => [.. vector.contiguous().data<float>().ToArray().Select(value => (double)value)];
}
