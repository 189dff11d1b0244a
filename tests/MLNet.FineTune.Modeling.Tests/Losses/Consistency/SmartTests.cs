using MLNet.FineTune.Encoders;
using MLNet.FineTune.Losses;
using MLNet.FineTune.Models;
using MLNet.FineTune.Peft;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tests.Encoders;
using MLNet.FineTune.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Tests.Losses.Consistency;

[TestClass]
public sealed class SmartTests
{
    private static readonly int[] Rows = [0, 1, 2];

    public static IEnumerable<object[]> Methods => [["none", new FullFineTuning()], ["a prompt before the text", new PromptTuning { Length = 3 }], ["a network beside the encoder", new UniPt()]];

    [TestMethod]
    [DynamicData(nameof(Methods))]
    public void TheWorstWordsLieWithinEpsilonAndDifferMoreThanRandomOnes(string _, PeftMethod method)
    {
        using var scope = NewDisposeScope();
        const double epsilon = 0.02;
        using var run = new SmartRun(method, new Smart { Epsilon = epsilon, NoiseDeviation = 0.01, StepSize = 0.05, AscentSteps = 2 });
        run.Loss();

        // Once as they are, then at random numbers, after one step and after two.
        Assert.HasCount(4, run.Passes);
        Assert.IsNull(run.Passes[0].Change);
        double[] divergences = [.. run.Passes.Skip(1).Select(pass => Divergence(run.Passes[0].Logits, pass.Logits))];
        foreach (float[] change in run.Passes.Skip(1).Select(pass => pass.Change!))
            Assert.IsLessThanOrEqualTo((float)epsilon, change.Max(Math.Abs));
        Assert.AreEqual((float)epsilon, run.Passes[3].Change!.Max(Math.Abs), "the step reaches the limit");
        Assert.IsGreaterThan(2 * divergences[0], divergences[1]);
        Assert.IsGreaterThanOrEqualTo(divergences[1], divergences[2]);
        Assert.IsFalse(run.Words.Active, "nothing is moved outside the loss");
    }

    [TestMethod]
    public void AStepFollowsTheGradientOfTheDivergence()
    {
        using var scope = NewDisposeScope();
        const double step = 0.1, h = 1e-2;
        using var run = new SmartRun(new FullFineTuning(), new Smart { Epsilon = 10, NoiseDeviation = 0.2, StepSize = step });
        run.Loss();
        (float[] start, float[] end) = (run.Passes[1].Change!, run.Passes[2].Change!);
        int perText = start.Length / Rows.Length;
        for (int text = 0; text < Rows.Length; text++)
        {
            double[] moves = [.. Enumerable.Range(text * perText, perText).Select(i => (double)(end[i] - start[i]))];
            Assert.AreEqual(step, moves.Max(Math.Abs), 1e-5, "the largest number of each text moves a whole step");
            int largest = Array.FindIndex(moves, move => Math.Abs(move) > step - 1e-5);
            double slope = Slope(text * perText + largest);
            foreach (int other in new[] { 3, 20, 70 })
                Assert.AreEqual(step * Slope(text * perText + other) / Math.Abs(slope), moves[other], 0.03 * step);
        }

        double Slope(int number) => (At(number, h) - At(number, -h)) / (2 * h);

        double At(int number, double by)
        {
            float[] change = [.. start];
            change[number] += (float)by;
            return Divergence(run.Passes[0].Logits, run.Score(change));
        }
    }

    [TestMethod]
    public void TheLossAddsTheDivergenceByItsWeight()
    {
        using var scope = NewDisposeScope();
        using var run = new SmartRun(new FullFineTuning(), new Smart { Weight = 3, Epsilon = 0.1, NoiseDeviation = 0.1, StepSize = 0.1 });
        double loss = run.Loss();
        double[][] scores = run.Passes[0].Logits;
        double supervised = Rows.Average(row => Math.Log(scores[row].Sum(Math.Exp)) - scores[row][SmartRun.Labels[row]]);
        Assert.AreEqual(supervised + 3 * Divergence(scores, run.Passes[2].Logits), loss, 1e-4);
    }

    [TestMethod]
    public void WithoutStepsTheNumbersStayRandom()
    {
        using var scope = NewDisposeScope();
        using var run = new SmartRun(new FullFineTuning(), new Smart { AscentSteps = 0, Epsilon = 1, NoiseDeviation = 0.1 });
        run.Loss();
        Assert.HasCount(2, run.Passes);
        Assert.AreEqual(0.1, Math.Sqrt(run.Passes[1].Change!.Average(x => (double)x * x)), 0.01);
    }

    [TestMethod]
    public void TheProximalPointIsTheRunningMeanOfTheWeights()
    {
        using var scope = NewDisposeScope();
        using var run = new SmartRun(new HeadOnly(), new Smart { ProximalWeight = 2, ProximalMomentum = 0.995, Epsilon = 1e-6, NoiseDeviation = 1e-6 });
        NamedParameter bias = run.Parameters.Single(parameter => parameter.Name == "head.output.bias");
        var state = new TrainingState { Options = new TrainingOptions(), Groups = [new ParameterGroup(run.Parameters, 0, 1)], TotalSteps = 20, StepsPerEpoch = 20 };
        run.Training.OnTrainingStart(state);
        double mean = Value(bias);
        for (state.Step = 1; state.Step <= 5; state.Step++)
        {
            using (no_grad())
                bias.Parameter.Add_(1);
            run.Training.OnStepEnd(state);
            double stays = state.Step <= 2 ? 0.99 : 0.995; // the first tenth of 20 steps
            mean = stays * mean + (1 - stays) * Value(bias);
        }
        double last = Value(bias);
        // To have something that a mean of all logits alike does not hide.
        using (no_grad())
            run.Parameters.Single(parameter => parameter.Name == "head.output.weight").Parameter.Mul_(1.5);
        double loss = run.Loss();
        Assert.AreEqual(mean, run.Passes[0].Bias, 1e-5);
        Assert.IsFalse(run.Passes[0].Training, "the proximal point predicts without dropout");
        foreach (Pass pass in run.Passes.Skip(1))
            Assert.AreEqual(last, pass.Bias, 1e-6);
        double[][] scores = run.Passes[1].Logits;
        double supervised = Rows.Average(row => Math.Log(scores[row].Sum(Math.Exp)) - scores[row][SmartRun.Labels[row]]);
        Assert.AreEqual(supervised + 2 * Divergence(scores, run.Passes[0].Logits), loss, 1e-4);

        run.Training.OnRestart(state, new HashSet<string> { bias.Name });
        run.Passes.Clear();
        run.Loss();
        Assert.AreEqual(last, run.Passes[0].Bias, 1e-6, "what begins anew does so in the mean too");
    }

    private static float Value(NamedParameter parameter) => parameter.Parameter.data<float>()[0];

    /// <summary>KL both ways, the mean over the rows.</summary>
    private static double Divergence(double[][] first, double[][] second) => first.Zip(second).Average(row =>
    {
        double[] p = Softmax(row.First), q = Softmax(row.Second);
        return p.Zip(q).Sum(x => (x.First * Math.Log(x.First / x.Second)) + (x.Second * Math.Log(x.Second / x.First)));
    });

    private static double[] Softmax(double[] logits)
    {
        double total = logits.Sum(Math.Exp);
        return [.. logits.Select(logit => Math.Exp(logit) / total)];
    }

    private sealed record Pass(float[]? Change, double[][] Logits, double Bias, bool Training);

    /// <summary>A tiny model without dropout, the regularisation on it, and what each pass saw and gave.</summary>
    private sealed class SmartRun : IDisposable
    {
        public static readonly int[] Labels = [0, 2, 1];

        private readonly TaskModel _model = TinyEncoder.Model("bert", seed: 4);
        private readonly SoftmaxCrossEntropy _loss = new();
        private readonly PeftAdapter _adapter;
        private readonly LabelObjective _objective;
        private readonly int[][] _rows = TinyEncoder.Rows(5, 6, 6, 6);

        public SmartRun(PeftMethod method, Smart options)
        {
            _adapter = PeftAdapter.Attach(_model, method);
            var mode = new TrainingMode(_model, _adapter);
            mode.Train();
            Training = options.CreateTraining(_adapter, run => mode.Evaluate(() => { run(); return true; }));
            Parameters = [.. _adapter.Trainable.Select(parameter => new NamedParameter(parameter.Name, parameter.Parameter))];
            _objective = new ClassificationObjective(rows => Scored(rows), Labels, _loss, consistency: Training);
        }

        public ConsistencyTraining Training { get; }

        public IReadOnlyList<NamedParameter> Parameters { get; }

        public List<Pass> Passes { get; } = [];

        public WordPerturbation Words => _model.Encoder.Embeddings.Site.Modules.OfType<WordPerturbation>().Single();

        public double Loss()
        {
            using Tensor loss = _objective.Loss(Rows);
            loss.backward();
            return loss.item<float>();
        }

        /// <summary>The logits at some change of the words.</summary>
        public double[][] Score(float[] change)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable frozen = no_grad();
            (Words.Active, Words.Change) = (true, tensor(change).reshape(_rows.Length, _rows[0].Length, -1));
            using EncoderInput input = EncoderInput.Create(_rows, null, _model.Encoder.Config, CPU);
            double[][] logits = Read(_model.Forward(input));
            (Words.Active, Words.Change) = (false, null);
            return logits;
        }

        private Tensor Scored(int[] rows)
        {
            using EncoderInput input = EncoderInput.Create([.. rows.Select(row => _rows[row])], null, _model.Encoder.Config, CPU);
            Tensor logits = _model.Forward(input);
            double bias = _model.named_parameters().Single(p => p.name == "head.output.bias").parameter.data<float>()[0];
            Passes.Add(new Pass(Words.Active ? [.. Words.Change!.data<float>()] : null, Read(logits), bias, _model.training));
            return logits;
        }

        private static double[][] Read(Tensor logits) => [.. logits.data<float>().ToArray().Select(value => (double)value).Chunk(TinyEncoder.Classes)];

        public void Dispose()
        {
            Training.Dispose();
            _adapter.Dispose();
            _loss.Dispose();
            _model.Dispose();
        }
    }
}
