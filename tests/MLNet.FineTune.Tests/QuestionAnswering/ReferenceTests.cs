using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.FineTune.Benchmarks.Answers;
using MLNet.FineTune.Encoders;
using MLNet.FineTune.Models;
using MLNet.FineTune.QuestionAnswering;
using MLNet.FineTune.Tests.Fixtures;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.QuestionAnswering;

/// <summary>Checkpoints of Hugging Face's classes for question answering, and the questions of XQuAD.</summary>
[TestClass]
public sealed class ReferenceTests
{
    private const int VocabularySize = 120, FirstWord = 5;

    private readonly MLContext _ml = new(7);

    /// <summary>
    /// A checkpoint that was fine-tuned for question answering keeps its head: with a training that changes nothing, and opened without any, the answers are those of the
    /// checkpoint's own logits, which the tests of encoders compare with Hugging Face's.
    /// </summary>
    [TestMethod]
    [DataRow("bert", true)]
    [DataRow("bert", false)]
    [DataRow("distilbert", true)]
    [DataRow("distilbert", false)]
    [DataRow("electra", true)]
    [DataRow("electra", false)]
    public void A_trained_head_is_kept(string family, bool trained)
    {
        string source = EncoderFixtures.Require(family, "question");
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, folder.File(Path.GetFileName(file)));
        File.WriteAllLines(folder.File("vocab.txt"), ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. Enumerable.Range(FirstWord, VocabularySize - FirstWord).Select(id => $"w{id}")]);
        var random = new Random(1);
        Asked[] rows = [.. Enumerable.Range(0, 12).Select(i => new Asked { Question = Words(random, 3), Context = Words(random, 5 + i), Answer = "w", AnswerStart = 0 })];
        QuestionAnsweringTransformer Fit(double rate) => _ml.MulticlassClassification.Trainers.FineTuneQuestions(new QuestionAnsweringOptions
        {
            Encoder = EncoderSource.FromDirectory(folder.Path), Precision = Precision.Float32, TopK = 3, MaxAnswerLength = 4, Training = { MaxSteps = 1, LearningRate = rate, WeightDecay = 0 },
        }).Fit(_ml.Data.LoadFromEnumerable(rows));
        using QuestionAnsweringTransformer model = trained ? Fit(1e-30) : _ml.FineTuning().LoadPretrainedQuestionAnswerer(
            EncoderSource.FromDirectory(folder.Path), new PretrainedQuestionAnsweringOptions { Precision = Precision.Float32, TopK = 3, MaxAnswerLength = 4 });
        IDataView output = model.Transform(_ml.Data.LoadFromEnumerable(rows));
        int[][] starts = [.. output.GetColumn<int[]>("PredictedStart")], lengths = [.. output.GetColumn<int[]>("PredictedLength")];
        float[][] scores = [.. output.GetColumn<float[]>("Score")];

        using TaskModel reference = ModelCheckpoint.Load(source, TextTask.QuestionAnswering);
        reference.eval();
        for (int row = 0; row < rows.Length; row++)
        {
            string[] question = rows[row].Question.Split(' '), context = rows[row].Context.Split(' ');
            float[] logits = Logits(reference, [2, .. question.Select(Id), 3, .. context.Select(Id), 3], question.Length + 2);
            (int First, int Last, double Score)[] best = [.. (
                from first in Enumerable.Range(0, context.Length)
                from last in Enumerable.Range(first, Math.Min(4, context.Length - first))
                let score = (double)logits[2 * (first + question.Length + 2)] + logits[2 * (last + question.Length + 2) + 1]
                orderby score descending
                select (first, last, score)).Take(20)];
            double sum = best.Sum(answer => Math.Exp(answer.Score));
            for (int place = 0; place < 3; place++)
            {
                int start = context[..best[place].First].Sum(word => word.Length + 1);
                Assert.AreEqual(start, starts[row][place], $"row {row}, place {place}");
                Assert.AreEqual(string.Join(' ', context[best[place].First..(best[place].Last + 1)]).Length, lengths[row][place]);
                Assert.AreEqual(Math.Exp(best[place].Score) / sum, scores[row][place], 1e-4);
            }
        }
    }

    /// <summary>All answers of XQuAD that are no longer than the longest answer stand in a window of the default encoder's tokens, and come back letter by letter.</summary>
    [TestMethod]
    [DataRow(256)]
    [DataRow(96)]
    public void Answers_of_XQuAD_map_to_windows_and_back(int maxLength)
    {
        IReadOnlyList<SquadQuestion> rows = SquadQuestion.Read(SharedData.Require("data", "squad_xquad_en", "xquad.en.json"));
        Assert.HasCount(1190, rows);
        using PretrainedEncoder encoder = EncoderSource.Default.Open([]);
        IReadOnlyList<ContextWindow>[] windows = ContextWindows.Encode([.. rows.Select(row => new TextInput(row.Question, row.Context))], encoder.Tokenizer, encoder.LowerCase, maxLength, new AnswerRules(128, 30, 1, null));
        foreach ((SquadQuestion row, IReadOnlyList<ContextWindow> of) in rows.Zip(windows))
        {
            (string text, int start) = (row.Answers.Single(), row.Starts.Single());
            Assert.AreEqual(text, row.Context.Substring(start, text.Length));
            AnswerWindow[] answers = [.. AnswerWindow.Of(0, of, new GoldAnswers([text], [start]))];
            (int firstToken, int lastToken) = of[0].Context.Locate(start, text.Length)!.Value;
            Assert.IsTrue(lastToken - firstToken >= 30 || answers.Any(answer => answer.Start > 0), text);
            foreach (AnswerWindow answer in answers.Where(answer => answer.Start > 0))
            {
                int at = answer.Window.Encoding.WordTokens![1];
                Token first = answer.Window.Context[answer.Window.First + answer.Start - at], last = answer.Window.Context[answer.Window.First + answer.End - at];
                Assert.AreEqual(first.Id, answer.Window.Encoding.Ids[answer.Start]);
                Assert.AreEqual(last.Id, answer.Window.Encoding.Ids[answer.End]);
                Assert.AreEqual(text, row.Context[first.Start..last.End]);
            }
        }
    }

    private static float[] Logits(TaskModel model, int[] ids, int contextStart)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        EncoderConfig config = model.Encoder.Config;
        using EncoderInput input = EncoderInput.Create([ids], config.TokenTypeCount > 1 ? [[.. ids.Select((_, at) => at >= contextStart ? 1 : 0)]] : null, config, CPU);
        return [.. model.Forward(input).data<float>()];
    }

    private static int Id(string word) => int.Parse(word[1..], System.Globalization.CultureInfo.InvariantCulture);

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => $"w{random.Next(FirstWord, VocabularySize)}"));
}
